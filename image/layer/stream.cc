#include "image/layer/stream.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/file.h"
#include "crun/error.h"
#include "image/layer/inflate.h"

namespace crun::layer {
namespace {

constexpr size_t kChunk = 256 << 10;

class PlainSource : public ByteSource {
 public:
  explicit PlainSource(const Extent& extent) : extent_(extent), buffer_(kChunk) {}

  std::string_view next() override {
    size_t wanted = static_cast<size_t>(std::min<uint64_t>(buffer_.size(), extent_.size - consumed_));
    if (wanted == 0) return {};
    ssize_t got = 0;
    do {
      got = extent_.seekable ? pread(extent_.fd, buffer_.data(), wanted, static_cast<off_t>(extent_.offset + consumed_))
                             : read(extent_.fd, buffer_.data(), wanted);
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw SysError(errno, "reading the archive");
    consumed_ += static_cast<uint64_t>(got);
    return {buffer_.data(), static_cast<size_t>(got)};
  }

  uint64_t consumed() const override { return consumed_; }

  uint64_t skip(uint64_t size) override {
    struct stat status {};
    if (!extent_.seekable || fstat(extent_.fd, &status) != 0) return 0;
    uint64_t at = extent_.offset + consumed_;
    uint64_t end = static_cast<uint64_t>(std::max<off_t>(status.st_size, 0));
    uint64_t left = std::min(extent_.size - consumed_, end > at ? end - at : 0);
    // Never all of it: the last read is what finds a file that is cut short.
    uint64_t skipped = std::min(size, left > 0 ? left - 1 : 0);
    consumed_ += skipped;
    return skipped;
  }

 private:
  Extent extent_;
  std::vector<char> buffer_;
  uint64_t consumed_ = 0;
};

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

// RFC 8878: a frame, or a skippable frame (the low nibble of its first byte is free).
bool is_zstd(std::string_view head) {
  using namespace std::string_view_literals;
  if (starts_with(head, "\x28\xb5\x2f\xfd"sv)) return true;
  return head.size() >= 4 && (static_cast<unsigned char>(head[0]) & 0xf0) == 0x50 &&
         head.substr(1, 3) == "\x2a\x4d\x18"sv;
}

}  // namespace

std::unique_ptr<ByteSource> open_plain(const Extent& extent) { return std::make_unique<PlainSource>(extent); }

std::unique_ptr<ByteSource> open_inflated(const Extent& extent, ByteSink* on_raw) {
  using namespace std::string_view_literals;
  auto raw = std::make_unique<RawBytes>(open_plain(extent), on_raw);
  std::string_view head = raw->peek(6);
  if (starts_with(head, "\x1f\x8b"sv)) return inflate_gzip(std::move(raw));
  if (is_zstd(head)) return inflate_zstd(std::move(raw));
  if (starts_with(head, "BZh"sv)) throw Error(ErrorKind::unsupported, "compressed by bzip2: use gzip, zstd or none");
  if (starts_with(head, "\xfd\x37\x7aXZ\x00"sv)) {
    throw Error(ErrorKind::unsupported, "compressed by xz: use gzip, zstd or none");
  }
  return raw;
}

void FdSink::write(std::string_view bytes) { write_all(fd_, bytes, "the archive"); }

}  // namespace crun::layer
