#include "image/layer/inflate.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <vector>

#include "crun/error.h"

namespace crun::layer {
namespace {

constexpr size_t kOutput = 256 << 10;

Error damaged(std::string_view kind, std::string_view what, uint64_t offset) {
  return Error(ErrorKind::invalid, "damaged " + std::string(kind) + " data near byte " + std::to_string(offset) +
                                       " of the compressed file: " + std::string(what));
}

std::string_view inflate_problem(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK: return "invalid block";
    case ISAL_INVALID_SYMBOL: return "invalid symbol";
    case ISAL_INVALID_LOOKBACK: return "reference before the start";
    case ISAL_INVALID_WRAPPER: return "invalid header";
    case ISAL_UNSUPPORTED_METHOD: return "unknown method";
    case ISAL_INCORRECT_CHECKSUM: return "checksum mismatch";
    default: return "cannot be inflated";
  }
}

class GzipSource : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> raw)
      : raw_(std::move(raw)), state_(std::make_unique<inflate_state>()), output_(kOutput) {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
    state_->avail_in = 0;
  }

  std::string_view next() override {
    for (;;) {
      if (state_->avail_in == 0 && !ended_) refill();
      if (between_members_ && !start_member()) return {};
      state_->next_out = output_.data();
      state_->avail_out = static_cast<uint32_t>(output_.size());
      int result = isal_inflate(state_.get());
      if (result < 0) throw damaged("gzip", inflate_problem(result), raw_->consumed());
      size_t made = output_.size() - state_->avail_out;
      if (state_->block_state == ISAL_BLOCK_FINISH) {
        between_members_ = true;
      } else if (made == 0 && ended_ && state_->avail_in == 0) {
        throw damaged("gzip", "it ends early", raw_->consumed());
      }
      if (made > 0) return {reinterpret_cast<char*>(output_.data()), made};
    }
  }

  uint64_t consumed() const override { return raw_->consumed(); }
  bool is_inflated() const override { return true; }

 private:
  void refill() {
    std::string_view bytes = raw_->next();
    ended_ = bytes.empty();
    state_->next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
    state_->avail_in = static_cast<uint32_t>(bytes.size());
  }

  // isa-l stops at a member's end: go on with the next (pigz, bgzip and eStargz write many). Zeros after the last one
  // are padding, as gzip(1) takes them. False at the end of the file.
  bool start_member() {
    for (;;) {
      while (state_->avail_in > 0 && *state_->next_in == 0) {
        ++state_->next_in;
        --state_->avail_in;
      }
      if (state_->avail_in > 0) break;
      if (ended_) return false;
      refill();
    }
    uint8_t* input = state_->next_in;
    uint32_t left = state_->avail_in;
    isal_inflate_reset(state_.get());
    state_->crc_flag = ISAL_GZIP;
    state_->next_in = input;
    state_->avail_in = left;
    between_members_ = false;
    return true;
  }

  std::unique_ptr<ByteSource> raw_;
  std::unique_ptr<inflate_state> state_;
  std::vector<uint8_t> output_;
  bool ended_ = false;
  bool between_members_ = false;
};

struct FreeZstd {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

class ZstdSource : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> raw)
      : raw_(std::move(raw)), context_(ZSTD_createDCtx()), output_(kOutput) {
    if (!context_) throw Error(ErrorKind::system, "zstd: out of memory");
    // A frame may ask for a window of gigabytes; 128 MiB is what `zstd` itself takes without being told.
    ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, 27);
  }

  std::string_view next() override {
    for (;;) {
      if (input_.pos == input_.size && !pending_output_) {
        std::string_view bytes = raw_->next();
        if (bytes.empty()) {
          if (inside_frame_) throw damaged("zstd", "it ends early", raw_->consumed());
          return {};
        }
        input_ = {bytes.data(), bytes.size(), 0};
      }
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      size_t result = ZSTD_decompressStream(context_.get(), &out, &input_);
      if (ZSTD_isError(result) != 0) throw damaged("zstd", ZSTD_getErrorName(result), raw_->consumed());
      inside_frame_ = result != 0;
      pending_output_ = out.pos == out.size;  // there may be more without more input
      if (out.pos > 0) return {output_.data(), out.pos};
    }
  }

  uint64_t consumed() const override { return raw_->consumed(); }
  bool is_inflated() const override { return true; }

 private:
  std::unique_ptr<ByteSource> raw_;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> context_;
  std::vector<char> output_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool inside_frame_ = false;
  bool pending_output_ = false;
};

}  // namespace

std::string_view RawBytes::take() {
  std::string_view bytes = source_->next();
  if (listener_ != nullptr && !bytes.empty()) listener_->write(bytes);
  return bytes;
}

std::string_view RawBytes::peek(size_t size) {
  while (peeked_.size() < size) {
    std::string_view bytes = take();
    if (bytes.empty()) break;
    peeked_.append(bytes);
  }
  peeking_ = true;
  return peeked_;
}

std::string_view RawBytes::next() {
  if (peeking_) {
    peeking_ = false;
    if (!peeked_.empty()) return peeked_;
  }
  return take();
}

std::unique_ptr<ByteSource> inflate_gzip(std::unique_ptr<ByteSource> raw) {
  return std::make_unique<GzipSource>(std::move(raw));
}

std::unique_ptr<ByteSource> inflate_zstd(std::unique_ptr<ByteSource> raw) {
  return std::make_unique<ZstdSource>(std::move(raw));
}

}  // namespace crun::layer
