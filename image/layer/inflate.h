// What sits between a file and a tar: gzip by isa-l, zstd by libzstd.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "image/layer/stream.h"

namespace crun::layer {

// The compressed bytes: told to a listener as they come, and to be looked at before they are taken.
class RawBytes : public ByteSource {
 public:
  RawBytes(std::unique_ptr<ByteSource> source, ByteSink* listener) : source_(std::move(source)), listener_(listener) {}
  // The first bytes, at least `size` of them where there are as many. Only before the first next().
  std::string_view peek(size_t size);
  std::string_view next() override;
  uint64_t consumed() const override { return source_->consumed(); }
  uint64_t skip(uint64_t size) override { return listener_ == nullptr && !peeking_ ? source_->skip(size) : 0; }

 private:
  std::string_view take();
  std::unique_ptr<ByteSource> source_;
  ByteSink* listener_;
  std::string peeked_;
  bool peeking_ = false;
};

std::unique_ptr<ByteSource> inflate_gzip(std::unique_ptr<ByteSource> raw);
std::unique_ptr<ByteSource> inflate_zstd(std::unique_ptr<ByteSource> raw);

}  // namespace crun::layer
