// Content digests (image-spec, descriptor.md#digests). Light code only checks their form; hashing is done in the
// helpers. A Digest that exists is well-formed, so it may become part of a path or of SQL.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace crun::image {

class Digest {
 public:
  // "sha256:" and 64, or "sha512:" and 128, lower-case hexadecimal digits. Throws Error{invalid} naming the text
  // (shortened where it is long). Other algorithms: Error{unsupported}.
  static Digest parse(std::string_view text);
  static std::optional<Digest> find(std::string_view text) noexcept;

  const std::string& text() const noexcept { return text_; }  // "sha256:…"
  std::string_view algorithm() const noexcept;
  std::string_view hex() const noexcept;
  std::string_view short_hex() const noexcept { return hex().substr(0, 12); }  // as docker prints ids

  // clang-tidy 14 takes the literal 0 that a defaulted comparison is compared with for a pointer.
  friend auto operator<=>(const Digest&, const Digest&) = default;  // NOLINT(modernize-use-nullptr)

 private:
  explicit Digest(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace crun::image
