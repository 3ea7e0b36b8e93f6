#include "image/build/digest_index.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "crun/error.h"
#include "image/build/xattrs.h"

namespace crun::build {
namespace {

constexpr char kMagic[8] = {'c', 't', 'r', 'd', 'i', 'g', 0, 1};
constexpr size_t kLargest = size_t{256} << 20;  // bytes of an index

int64_t nanoseconds(const struct timespec& time) { return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec; }

// How far a file's time may lag behind a change of it: the kernel's tick (several, to be safe), or the filesystem's
// whole or even seconds where its times show no fraction.
int64_t granularity(const struct stat& status) {
  constexpr int64_t kCoarse = 2'000'000'000;
  constexpr int64_t kFine = 20'000'000;
  return status.st_ctim.tv_nsec == 0 ? kCoarse : kFine;
}

bool is_settled(const struct stat& status) {
  struct timespec now {};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  int64_t latest = std::max(nanoseconds(status.st_ctim), nanoseconds(status.st_mtim));
  return latest + granularity(status) < nanoseconds(now);
}

Sha256Bytes hash_file(int fd, const std::string& path) {
  struct Context {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    ~Context() { EVP_MD_CTX_free(context); }
  } hash;
  std::vector<char> buffer(size_t{256} << 10);
  if (hash.context == nullptr || EVP_DigestInit_ex(hash.context, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorKind::internal, "SHA-256 is not available");
  }
  for (;;) {
    ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading " + path);
    if (count == 0) break;
    EVP_DigestUpdate(hash.context, buffer.data(), static_cast<size_t>(count));
  }
  for (const auto& [name, value] : portable_xattrs(fd, path)) {
    EVP_DigestUpdate(hash.context, name.c_str(), name.size() + 1);
    EVP_DigestUpdate(hash.context, value.data(), value.size());
  }
  Sha256Bytes digest{};
  EVP_DigestFinal_ex(hash.context, digest.data(), nullptr);
  return digest;
}

}  // namespace

bool DigestIndex::same_file(const Record& a, const Record& b) {
  return std::tie(a.device, a.inode) == std::tie(b.device, b.inode);
}

bool DigestIndex::before(const Record& a, const Record& b) {
  return std::tie(a.device, a.inode) < std::tie(b.device, b.inode);
}

DigestIndex::DigestIndex(Dir folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) { load(); }

void DigestIndex::load() {
  std::optional<Fd> file = folder_.find_at(name_, O_RDONLY | O_NOFOLLOW, Resolve::no_symlinks);
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0) return;
  auto size = static_cast<size_t>(status.st_size);
  if (size < sizeof kMagic || size > kLargest || (size - sizeof kMagic) % sizeof(Record) != 0) return;
  char magic[sizeof kMagic];
  if (::read(file->get(), magic, sizeof magic) != sizeof magic || std::memcmp(magic, kMagic, sizeof magic) != 0) return;
  known_.resize((size - sizeof kMagic) / sizeof(Record));
  auto* bytes = reinterpret_cast<char*>(known_.data());
  for (size_t done = 0, all = known_.size() * sizeof(Record); done < all;) {
    ssize_t count = ::read(file->get(), bytes + done, all - done);
    if (count <= 0) {
      known_.clear();
      return;
    }
    done += static_cast<size_t>(count);
  }
  if (!std::is_sorted(known_.begin(), known_.end(), before)) known_.clear();
}

DigestIndex::Record DigestIndex::record_of(const struct stat& status) {
  return Record{
      status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim), {}};
}

std::optional<Sha256Bytes> DigestIndex::find(const struct stat& status) {
  Record record = record_of(status);
  ++asked_;
  auto found = std::lower_bound(known_.begin(), known_.end(), record, before);
  bool same = found != known_.end() && same_file(*found, record) && found->size == record.size &&
              found->modified == record.modified && found->changed == record.changed;
  return same ? std::optional(found->digest) : std::nullopt;
}

Sha256Bytes DigestIndex::read(int fd, const struct stat& status, const std::string& path) {
  Record record = record_of(status);
  ++files_read_;
  bool settled = is_settled(status);
  record.digest = hash_file(fd, path);
  struct stat after {};
  if (fstat(fd, &after) != 0) throw SysError(errno, "reading the status of " + path);
  if (after.st_size != status.st_size || nanoseconds(after.st_ctim) != record.changed) {
    throw Error(ErrorKind::busy, path + " changes while the build reads it");
  }
  if (settled) learned_.push_back(record);
  return record.digest;
}

void DigestIndex::save() {
  if (!folder_ || learned_.empty()) return;
  std::stable_sort(learned_.begin(), learned_.end(), before);
  std::vector<Record> all;
  if (known_.size() <= 4 * asked_) all = known_;
  // Of two records of one file the later one, which was learned, counts.
  std::vector<Record> merged;
  merged.reserve(all.size() + learned_.size());
  std::merge(learned_.begin(), learned_.end(), all.begin(), all.end(), std::back_inserter(merged), before);
  merged.erase(std::unique(merged.begin(), merged.end(), same_file), merged.end());
  if (merged.size() * sizeof(Record) > kLargest) return;
  std::string content(kMagic, sizeof kMagic);
  content.append(reinterpret_cast<const char*>(merged.data()), merged.size() * sizeof(Record));
  folder_.replace_file(name_, content, 0600, false);
  known_ = std::move(merged);
  learned_.clear();
}

}  // namespace crun::build
