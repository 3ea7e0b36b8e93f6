// A file a filter: header, key, program. The key is everything that the program depends on, and is compared in full.
#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/log.h"
#include "crun/error.h"
#include "libcrun/security/default_profile.h"
#include "libcrun/security/seccomp.h"

namespace crun::security {
namespace {

constexpr char kMagic[8] = {'c', 't', 'r', 's', 'c', 'm', 'p', '2'};
// A profile an image, a capability set each: a hundred is a host with odd habits.
constexpr size_t kMostEntries = 128;
constexpr size_t kLargestEntry = 4 << 20;

struct Header {
  char magic[8];
  uint32_t key_size;
  uint32_t instructions;
};

// Appends values so that no two profiles give the same bytes: each text with its length in front.
class Key {
 public:
  void add(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void add(std::string_view text) {
    add(text.size());
    bytes_.append(text);
  }
  void add(const std::optional<uint32_t>& value) { add(value ? *value : ~uint64_t{0}); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

void add_rule(Key& key, const spec::SyscallRule& rule) {
  key.add(static_cast<uint64_t>(rule.action));
  key.add(rule.errno_ret);
  key.add(rule.args.size());
  for (const spec::SyscallArg& arg : rule.args) {
    key.add(arg.index);
    key.add(arg.value);
    key.add(arg.value_two);
    key.add(static_cast<uint64_t>(arg.op));
  }
  key.add(rule.names.size());
  for (const std::string& name : rule.names) key.add(name);
}

std::string key_of(const spec::Seccomp& profile) {
  const scmp_version* version = seccomp_version();
  Key key;
  key.add(CTR_VERSION);
  key.add(uint64_t{version->major} << 40 | uint64_t{version->minor} << 20 | version->micro);
  key.add(static_cast<uint64_t>(host_arch()));
  key.add(static_cast<uint64_t>(profile.default_action));
  key.add(profile.default_errno_ret);
  key.add(profile.architectures.size());
  for (spec::SeccompArch arch : profile.architectures) key.add(static_cast<uint64_t>(arch));
  for (const spec::SyscallRule& rule : profile.syscalls) add_rule(key, rule);
  return key.take();
}

// FNV-1a over words of eight bytes: finds the file; what is in it is compared.
std::string name_of(const std::string& key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < key.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, key.data() + i, std::min<size_t>(8, key.size() - i));
    hash = (hash ^ word) * 0x100000001b3;
    hash ^= hash >> 29;
  }
  char name[17];
  snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(hash));
  return name;
}

// root's, or whose process this is, and nobody else's to write.
bool is_safe(const struct stat& status) {
  return (status.st_uid == 0 || status.st_uid == geteuid()) && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

void check_folder(const Dir& cache) {
  struct stat status {};
  checked(fstat(cache.fd(), &status), "reading the status of the seccomp cache");
  if (!is_safe(status)) {
    throw Error(ErrorKind::denied,
                "the seccomp cache's folder can be written to by others; chown it to root, chmod 0700");
  }
}

std::optional<std::vector<sock_filter>> find_program(const Dir& cache, const std::string& name,
                                                     const std::string& key) {
  std::optional<Fd> file = cache.find_at(name, O_RDONLY | O_NONBLOCK, Resolve::no_symlinks);
  struct stat status {};
  if (!file || fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode) || !is_safe(status)) return std::nullopt;
  std::string content = read_regular(file->get(), kLargestEntry, name);
  Header header{};
  if (content.size() < sizeof header) return std::nullopt;
  content.copy(reinterpret_cast<char*>(&header), sizeof header);
  size_t program_size = size_t{header.instructions} * sizeof(sock_filter);
  bool whole = std::memcmp(header.magic, kMagic, sizeof kMagic) == 0 && header.instructions <= BPF_MAXINSNS &&
               header.key_size == key.size() && content.size() == sizeof header + key.size() + program_size;
  if (!whole || content.compare(sizeof header, key.size(), key) != 0) return std::nullopt;
  std::vector<sock_filter> program(header.instructions);
  content.copy(reinterpret_cast<char*>(program.data()), program_size, sizeof header + key.size());
  return program;
}

void keep(const Dir& cache, const std::string& name, const std::string& key, const SeccompFilter& filter) {
  if (std::vector<std::string> entries = cache.list(); entries.size() >= kMostEntries) {
    for (const std::string& entry : entries) unlinkat(cache.fd(), entry.c_str(), 0);
  }
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  header.key_size = static_cast<uint32_t>(key.size());
  header.instructions = static_cast<uint32_t>(filter.program.size());
  std::string content(reinterpret_cast<const char*>(&header), sizeof header);
  content += key;
  content.append(reinterpret_cast<const char*>(filter.program.data()), filter.program.size() * sizeof(sock_filter));
  cache.replace_file(name, content, 0600, false);
}

}  // namespace

SeccompFilter cached_seccomp(const spec::Seccomp& profile, const Dir& cache) {
  check_folder(cache);
  std::string key = key_of(profile);
  std::string name = name_of(key);
  try {
    if (std::optional<std::vector<sock_filter>> program = find_program(cache, name, key)) {
      return {std::move(*program), seccomp_flags(profile)};
    }
  } catch (const Error& error) {
    log_debug("reading the seccomp cache: " + error.text());
  }
  SeccompFilter filter = compile_seccomp(profile);
  try {
    keep(cache, name, key, filter);
  } catch (const Error& error) {
    log_debug("writing the seccomp cache: " + error.text());
  }
  return filter;
}

}  // namespace crun::security
