#include "image/layer/digest.h"

#include <openssl/evp.h>

#include "crun/error.h"

namespace crun::layer {

namespace {
void check(int result) {
  if (result != 1) throw Error(ErrorKind::internal, "SHA-256 of OpenSSL failed");
}
}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr) throw Error(ErrorKind::system, "SHA-256: out of memory");
  check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Sha256::write(std::string_view bytes) { check(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }

std::string Sha256::digest() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  check(EVP_DigestFinal_ex(context_.get(), bytes, &size));
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned i = 0; i < size; ++i) {
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

std::string sha256_digest(std::string_view text) {
  Sha256 hash;
  hash.write(text);
  return hash.digest();
}

}  // namespace crun::layer
