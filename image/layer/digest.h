// SHA-256, by OpenSSL (SHA-NI where the processor has it).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "image/layer/stream.h"

struct evp_md_ctx_st;

namespace crun::layer {

class Sha256 : public ByteSink {
 public:
  Sha256();
  void write(std::string_view bytes) override;
  // "sha256:<64 hex>" of all that was written. Ends it: nothing may be written afterwards.
  std::string digest();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// Of one text.
std::string sha256_digest(std::string_view text);

}  // namespace crun::layer
