#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <vector>

#include "crun/error.h"
#include "image/layer/digest.h"
#include "image/layer/record.h"
#include "image/layer/record_format.h"
#include "image/layer/tar_reader.h"

namespace crun::layer {
namespace {

Error damaged(const std::string& what) { return Error(ErrorKind::invalid, "tar record: " + what); }

// Operations out of compressed bytes.
class RecordReader {
 public:
  explicit RecordReader(int fd) : source_(open_inflated(Extent{fd, true, 0, UINT64_MAX})) {
    if (bytes(kRecordMagic.size()) != kRecordMagic) throw damaged("unknown version");
  }

  char letter() {
    need();
    char value = left_.front();
    left_.remove_prefix(1);
    return value;
  }

  uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto byte = static_cast<unsigned char>(letter());
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    throw damaged("a number is too long");
  }

  std::string bytes(uint64_t size) {
    if (size > 4096) throw damaged("a name is too long");
    std::string value;
    copy(size, [&](std::string_view piece) { value.append(piece); });
    return value;
  }

  // zstd's own checksum of the record is read with its last bytes.
  void end() {
    if (!left_.empty() || !source_->next().empty()) throw damaged("something follows its end");
  }

  template <typename Take>
  void copy(uint64_t size, const Take& take) {
    while (size > 0) {
      need();
      std::string_view piece = left_.substr(0, static_cast<size_t>(std::min<uint64_t>(size, left_.size())));
      take(piece);
      left_.remove_prefix(piece.size());
      size -= piece.size();
    }
  }

 private:
  void need() {
    if (left_.empty()) left_ = source_->next();
    if (left_.empty()) throw damaged("it ends early");
  }

  std::unique_ptr<ByteSource> source_;
  std::string_view left_;
};

// What was replaced within the tar: kept aside, found by path, in order.
struct Replaced {
  uint64_t offset = 0;
  uint64_t size = 0;
};

// Passes an operation that holds no file's content of its own. False, with nothing passed, for another one.
bool pass_plain(RecordReader& reader, char letter) {
  switch (letter) {
    case kLiteral: reader.copy(reader.number(), [](std::string_view) {}); return true;
    case kFile: reader.bytes(reader.number()); [[fallthrough]];
    case kContinued:
      reader.number();
      reader.number();
      return true;
    default: return false;
  }
}

class Reassembly {
 public:
  Reassembly(int record, const Dir& layer, ByteSink& out) : record_(record), layer_(layer), out_(out) {}

  void run() {
    collect_replaced();
    RecordReader reader(record_);
    for (;;) {
      switch (reader.letter()) {
        case kLiteral: reader.copy(reader.number(), [&](std::string_view piece) { put(piece); }); break;
        case kFile: open_file(reader.bytes(reader.number())); [[fallthrough]];
        case kContinued: {
          uint64_t offset = reader.number();
          put_content(offset, reader.number());
          break;
        }
        case kReplaced: {
          ++passed_[reader.bytes(reader.number())];
          reader.copy(reader.number(), [](std::string_view) {});
          break;
        }
        case kEnd: return check_end(reader);
        default: throw damaged("unknown operation");
      }
    }
  }

 private:
  void collect_replaced() {
    RecordReader reader(record_);
    uint64_t end = 0;
    for (;;) {
      char letter = reader.letter();
      if (pass_plain(reader, letter)) continue;
      if (letter == kEnd) return;
      if (letter != kReplaced) throw damaged("unknown operation");
      std::string path = reader.bytes(reader.number());
      uint64_t size = reader.number();
      if (!aside_) aside_.reset(checked(memfd_create("replaced", MFD_CLOEXEC), "making a memory file"));
      FdSink sink(aside_.get());
      reader.copy(size, [&](std::string_view piece) { sink.write(piece); });
      replaced_[path].push_back({end, size});
      end += size;
    }
  }

  void open_file(const std::string& path) {
    path_ = path;
    start_ = 0;
    auto found = replaced_.find(path);
    size_t passed = passed_.count(path) != 0 ? passed_[path] : 0;
    if (found != replaced_.end() && passed < found->second.size()) {
      start_ = found->second[passed].offset;
      source_ = aside_.get();
      return;
    }
    file_ = layer_.open_at(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY, 0, Resolve::no_symlinks);
    struct stat status {};
    checked(fstat(file_.get(), &status), "reading a status");
    if (!S_ISREG(status.st_mode)) throw damaged(printable(path) + " is no file any more");
    source_ = file_.get();
  }

  void put_content(uint64_t offset, uint64_t size) {
    while (size > 0) {
      size_t wanted = static_cast<size_t>(std::min<uint64_t>(size, buffer_.size()));
      ssize_t got = pread(source_, buffer_.data(), wanted, static_cast<off_t>(start_ + offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw SysError(errno, "reading " + printable(path_) + " of a layer");
      if (got == 0) throw damaged(printable(path_) + " of the layer is shorter than it was");
      put({buffer_.data(), static_cast<size_t>(got)});
      offset += static_cast<uint64_t>(got);
      size -= static_cast<uint64_t>(got);
    }
  }

  void put(std::string_view bytes) {
    hash_.write(bytes);
    size_ += bytes.size();
    out_.write(bytes);
  }

  void check_end(RecordReader& reader) {
    uint64_t size = reader.number();
    std::string digest = reader.bytes(reader.number());
    reader.end();
    if (size != size_ || digest != hash_.digest()) {
      throw damaged("the layer on disk is not what was unpacked: its tar does not give " + digest);
    }
  }

  int record_;
  const Dir& layer_;
  ByteSink& out_;
  Fd aside_;
  std::map<std::string, std::vector<Replaced>> replaced_;
  std::map<std::string, size_t> passed_;
  std::string path_;
  Fd file_;
  int source_ = -1;
  uint64_t start_ = 0;
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
  Sha256 hash_;
  uint64_t size_ = 0;
};

}  // namespace

uint64_t recorded_size(int record) {
  RecordReader reader(record);
  for (;;) {
    char letter = reader.letter();
    if (pass_plain(reader, letter)) continue;
    if (letter == kEnd) return reader.number();
    if (letter != kReplaced) throw damaged("unknown operation");
    reader.bytes(reader.number());
    reader.copy(reader.number(), [](std::string_view) {});
  }
}

void reassemble_tar(int record, const Dir& layer, ByteSink& out) { Reassembly(record, layer, out).run(); }

}  // namespace crun::layer
