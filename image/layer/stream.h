// Bytes in and out: layers and archives are read once, front to back, and never held whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace crun::layer {

// Where the bytes of a tar come from: a file, or what is inflated from one.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // The next bytes, valid until the next call; empty only at the end. Throws Error{invalid} for damaged input (with the
  // offset in it), SysError.
  virtual std::string_view next() = 0;
  // How many bytes of the underlying file or pipe have been taken so far: for the ratio that tells a bomb.
  virtual uint64_t consumed() const = 0;
  // Passes over up to `size` bytes without reading them, where that is cheap. Returns how many.
  virtual uint64_t skip(uint64_t /*size*/) { return 0; }
  virtual bool is_inflated() const { return false; }  // gives other bytes than the file has
};

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::string_view bytes) = 0;  // all of it, or throws
};

// A part of an open file, by pread(2) so that several processes may share the description; or of a pipe from where it
// stands, by read(2).
struct Extent {
  int fd = -1;           // borrowed
  bool seekable = true;  // false: read(2), and offset is not used
  uint64_t offset = 0;
  uint64_t size = UINT64_MAX;  // of a seekable file it may be less: the source ends where the file does
};

// The bytes as they are.
std::unique_ptr<ByteSource> open_plain(const Extent& extent);
// Inflated where they begin as gzip (any number of members, RFC 1952) or zstd (any number of frames, RFC 8878) does;
// else as they are. Throws Error{unsupported} for bzip2 and xz, by name. on_raw: where not null, is given each piece of
// the bytes before inflation, in order: for the blob's digest.
std::unique_ptr<ByteSource> open_inflated(const Extent& extent, ByteSink* on_raw = nullptr);

class FdSink : public ByteSink {
 public:
  explicit FdSink(int fd) : fd_(fd) {}  // borrowed
  void write(std::string_view bytes) override;

 private:
  int fd_;
};

class StringSink : public ByteSink {
 public:
  void write(std::string_view bytes) override { text.append(bytes); }
  std::string text;
};

}  // namespace crun::layer
