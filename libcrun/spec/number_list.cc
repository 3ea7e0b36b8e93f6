#include "libcrun/spec/number_list.h"

#include <charconv>
#include <string>

#include "libcrun/spec/rules.h"

namespace crun::spec {
namespace {

[[noreturn]] void refuse(std::string_view field, std::string_view list) {
  invalid(field,
          "'" + std::string(list) + "' is not a list such as 0-3,7 of numbers up to " + std::to_string(kLargestListed));
}

// All of the text, digits alone.
unsigned number_in(std::string_view field, std::string_view list, std::string_view text) {
  unsigned value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > kLargestListed) refuse(field, list);
  return value;
}

}  // namespace

std::vector<uint64_t> parse_number_list(std::string_view field, std::string_view list) {
  std::vector<uint64_t> mask;
  if (list.empty()) return mask;
  for (std::string_view rest = list;;) {
    size_t comma = rest.find(',');
    std::string_view range = rest.substr(0, comma);
    size_t dash = range.find('-');
    unsigned first = number_in(field, list, range.substr(0, dash));
    unsigned last = dash == std::string_view::npos ? first : number_in(field, list, range.substr(dash + 1));
    if (last < first) refuse(field, list);
    if (mask.size() <= last / 64) mask.resize(last / 64 + 1);
    for (unsigned n = first; n <= last; ++n) mask[n / 64] |= uint64_t{1} << (n % 64);
    if (comma == std::string_view::npos) return mask;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace crun::spec
