#include "image/layer/record.h"

#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <unordered_set>
#include <vector>

#include "base/file.h"
#include "crun/error.h"
#include "image/layer/record_format.h"

namespace crun::layer {
namespace {

constexpr int kLevel = 1;  // headers shrink twentyfold at any level
constexpr size_t kFlushAt = 64 << 10;

struct FreeStream {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

// Operations in, compressed bytes out.
class RecordStream {
 public:
  explicit RecordStream(int fd) : fd_(fd), context_(ZSTD_createCCtx()), output_(ZSTD_CStreamOutSize()) {
    if (!context_) throw Error(ErrorKind::system, "zstd: out of memory");
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    text(kRecordMagic);
  }

  void letter(char value) { buffer_.push_back(value); }
  void number(uint64_t value) {
    while (value >= 0x80) {
      buffer_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    buffer_.push_back(static_cast<char>(value));
  }
  void text(std::string_view value) {
    buffer_.append(value);
    if (buffer_.size() >= kFlushAt) flush(ZSTD_e_continue);
  }
  void finish() { flush(ZSTD_e_end); }

 private:
  void flush(ZSTD_EndDirective mode) {
    ZSTD_inBuffer in{buffer_.data(), buffer_.size(), 0};
    for (;;) {
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      size_t left = ZSTD_compressStream2(context_.get(), &out, &in, mode);
      if (ZSTD_isError(left) != 0) throw Error(ErrorKind::internal, std::string("zstd: ") + ZSTD_getErrorName(left));
      if (out.pos > 0) write_all(fd_, {output_.data(), out.pos}, "the layer's tar record");
      if (mode == ZSTD_e_end ? left == 0 : in.pos == in.size) break;
    }
    buffer_.clear();
  }

  int fd_;
  std::unique_ptr<ZSTD_CCtx, FreeStream> context_;
  std::vector<char> output_;
  std::string buffer_;
};

}  // namespace

class TarRecorder::Impl {
 public:
  explicit Impl(int fd) : stream_(fd) {}

  void raw(std::string_view bytes) {
    expire();
    chunk_ = bytes;
  }

  // What the reader has not named as content by now is none: it asks for more only when it has used all.
  void expire() {
    literal(chunk_.substr(static_cast<size_t>(cursor_ - chunk_start_)));
    chunk_start_ += chunk_.size();
    cursor_ = chunk_start_;
    chunk_ = {};
  }

  void content(uint64_t position, uint64_t size, std::string_view path, uint64_t offset) {
    uint64_t chunk_end = chunk_start_ + chunk_.size();
    if (position < cursor_ || position > chunk_end || size > chunk_end - position) {
      throw Error(ErrorKind::internal, "tar record: content outside of what was read");
    }
    literal(chunk_.substr(static_cast<size_t>(cursor_ - chunk_start_), static_cast<size_t>(position - cursor_)));
    cursor_ = position + size;
    if (pending_size_ > 0 && literal_.empty() && path == pending_path_ && offset == pending_offset_ + pending_size_) {
      pending_size_ += size;
      return;
    }
    flush();
    is_new_file_ = path != pending_path_ || !had_file_;
    pending_path_ = path;
    pending_offset_ = offset;
    pending_size_ = size;
    if (is_new_file_) paths_.insert(std::hash<std::string_view>()(path));
  }

  bool refers_to(std::string_view path) const { return paths_.count(std::hash<std::string_view>()(path)) != 0; }

  void superseded(std::string_view path, int fd, uint64_t size) {
    flush();
    had_file_ = false;
    paths_.erase(std::hash<std::string_view>()(path));
    stream_.letter(kReplaced);
    stream_.number(path.size());
    stream_.text(path);
    stream_.number(size);
    std::string buffer(64 << 10, '\0');
    for (uint64_t done = 0; done < size;) {
      size_t wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), size - done));
      ssize_t got = checked(pread(fd, buffer.data(), wanted, static_cast<off_t>(done)), "reading a replaced file");
      if (got == 0) throw Error(ErrorKind::internal, "a replaced file is shorter than it was");
      stream_.text({buffer.data(), static_cast<size_t>(got)});
      done += static_cast<uint64_t>(got);
    }
  }

  void finish(std::string_view digest) {
    expire();
    flush();
    stream_.letter(kEnd);
    stream_.number(cursor_);
    stream_.number(digest.size());
    stream_.text(digest);
    stream_.finish();
  }

 private:
  // Literals and references alternate in the tar, so at most one of each waits: the reference came first.
  void literal(std::string_view bytes) {
    if (bytes.empty()) return;
    literal_.append(bytes);
    if (literal_.size() >= kFlushAt) flush();
  }

  void flush() {
    if (pending_size_ > 0) {
      stream_.letter(is_new_file_ ? kFile : kContinued);
      if (is_new_file_) {
        stream_.number(pending_path_.size());
        stream_.text(pending_path_);
      }
      stream_.number(pending_offset_);
      stream_.number(pending_size_);
      pending_size_ = 0;
      is_new_file_ = false;
      had_file_ = true;
    }
    if (literal_.empty()) return;
    stream_.letter(kLiteral);
    stream_.number(literal_.size());
    stream_.text(literal_);
    literal_.clear();
  }

  RecordStream stream_;
  std::string_view chunk_;  // the source's latest piece, valid until its next
  uint64_t chunk_start_ = 0;
  uint64_t cursor_ = 0;
  std::string literal_;
  std::string pending_path_;
  uint64_t pending_offset_ = 0;
  uint64_t pending_size_ = 0;
  bool is_new_file_ = false;
  bool had_file_ = false;
  // Hashes of the paths: a collision only writes a replaced file that nobody refers to.
  std::unordered_set<size_t> paths_;
};

TarRecorder::TarRecorder(int fd) : impl_(std::make_unique<Impl>(fd)) {}
TarRecorder::~TarRecorder() = default;
void TarRecorder::raw(std::string_view bytes) { impl_->raw(bytes); }
void TarRecorder::expire() { impl_->expire(); }
void TarRecorder::content(uint64_t position, uint64_t size, std::string_view path, uint64_t offset) {
  impl_->content(position, size, path, offset);
}
bool TarRecorder::refers_to(std::string_view path) const { return impl_->refers_to(path); }
void TarRecorder::superseded(std::string_view path, int fd, uint64_t size) { impl_->superseded(path, fd, size); }
void TarRecorder::finish(std::string_view digest) { impl_->finish(digest); }

}  // namespace crun::layer
