#include "image/oci/digest.h"

#include <algorithm>

#include "crun/error.h"

namespace crun::image {
namespace {

struct Algorithm {
  std::string_view name;
  size_t digits;
};
constexpr Algorithm kAlgorithms[] = {{"sha256", 64}, {"sha512", 128}};

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// What a hostile text may fill a terminal with is cut, and control characters do not reach it.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 100));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > 100) result += "...";
  return result;
}

}  // namespace

std::optional<Digest> Digest::find(std::string_view text) noexcept {
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view digits = text.substr(colon + 1);
  for (const Algorithm& algorithm : kAlgorithms) {
    if (text.substr(0, colon) != algorithm.name) continue;
    if (digits.size() != algorithm.digits || !std::all_of(digits.begin(), digits.end(), is_lower_hex)) break;
    return Digest(std::string(text));
  }
  return std::nullopt;
}

Digest Digest::parse(std::string_view text) {
  if (std::optional<Digest> digest = find(text)) return std::move(*digest);
  size_t colon = text.find(':');
  bool known = std::any_of(std::begin(kAlgorithms), std::end(kAlgorithms), [&](const Algorithm& algorithm) {
    return colon != std::string_view::npos && text.substr(0, colon) == algorithm.name;
  });
  bool plain_name = colon != std::string_view::npos && colon > 0 &&
                    std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                                [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  if (plain_name && !known) {
    throw Error(ErrorKind::unsupported, "digest '" + shown(text) + "': only sha256 and sha512 are known");
  }
  throw Error(ErrorKind::invalid,
              "digest '" + shown(text) + "' is not of the form sha256:<64 lower-case hexadecimal digits>");
}

std::string_view Digest::algorithm() const noexcept { return std::string_view(text_).substr(0, text_.find(':')); }

std::string_view Digest::hex() const noexcept { return std::string_view(text_).substr(text_.find(':') + 1); }

}  // namespace crun::image
