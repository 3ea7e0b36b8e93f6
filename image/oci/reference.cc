#include "image/oci/reference.h"

#include <algorithm>

#include "crun/error.h"

namespace crun::image {
namespace {

constexpr std::string_view kDefaultDomain = "docker.io";
constexpr std::string_view kOldDefaultDomain = "index.docker.io";
constexpr std::string_view kOfficial = "library/";
constexpr size_t kMaxName = 255;
constexpr size_t kMaxTag = 128;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_alphanumeric(char c) { return is_lower(c) || is_upper(c) || is_digit(c); }

// What begins at `at` and separates two runs of letters and digits in a path component: one dot, one or two
// underscores, any number of dashes. 0: none does.
size_t separator_length(std::string_view text, size_t at) {
  if (text[at] == '.') return 1;
  if (text[at] == '_') return at + 1 < text.size() && text[at + 1] == '_' ? 2 : 1;
  size_t dashes = 0;
  while (at + dashes < text.size() && text[at + dashes] == '-') ++dashes;
  return dashes;
}

bool is_path_component(std::string_view text) {
  bool after_name = false;
  for (size_t i = 0; i < text.size();) {
    if (is_lower(text[i]) || is_digit(text[i])) {
      after_name = true;
      ++i;
    } else {
      size_t length = separator_length(text, i);
      if (length == 0 || !after_name) return false;
      after_name = false;
      i += length;
    }
  }
  return after_name;
}

template <typename Test>
bool each_part(std::string_view text, char separator, Test test) {
  for (;;) {
    size_t end = text.find(separator);
    if (!test(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_domain(std::string_view text) {
  std::string_view host = text;
  size_t bracket = text.rfind(']');
  size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    std::string_view port = text.substr(colon + 1);
    if (port.empty() || !std::all_of(port.begin(), port.end(), is_digit)) return false;
    host = text.substr(0, colon);
  }
  if (!host.empty() && host.front() == '[') {
    std::string_view address = host.substr(1, host.size() - 2);
    return host.back() == ']' && host.size() > 2 && std::all_of(address.begin(), address.end(), [](char c) {
             return is_hex(c) || (c >= 'A' && c <= 'F') || c == ':';
           });
  }
  return each_part(host, '.', is_host_label);
}

bool is_tag(std::string_view text) {
  auto is_word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !text.empty() && text.size() <= kMaxTag && is_word(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

// What comes before the first slash names a registry only if it could not be a folder of docker.io.
bool is_registry(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::any_of(first.begin(), first.end(), is_upper);
}

// Gives a text that says what is wrong, or "".
std::string parse_into(std::string_view text, Reference& result) {
  std::string_view name = text;
  if (size_t at = name.find('@'); at != std::string_view::npos) {
    result.digest = Digest::find(name.substr(at + 1));
    if (!result.digest) return "its digest is not of the form sha256:<64 lower-case hexadecimal digits>";
    name = name.substr(0, at);
  }
  size_t slash = name.rfind('/');
  size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    result.tag = name.substr(colon + 1);
    if (!is_tag(result.tag)) {
      return "its tag must be 1 to 128 letters, digits, '_', '.' or '-', and not begin with '.' or '-'";
    }
    name = name.substr(0, colon);
  }
  if (name.empty()) return "it has no name";
  size_t first_end = name.find('/');
  if (first_end != std::string_view::npos && is_registry(name.substr(0, first_end))) {
    result.domain = name.substr(0, first_end);
    name.remove_prefix(first_end + 1);
  } else {
    result.domain = kDefaultDomain;
  }
  if (result.domain == kOldDefaultDomain) result.domain = kDefaultDomain;
  result.path = name;
  if (result.domain == kDefaultDomain && name.find('/') == std::string_view::npos) {
    result.path.insert(0, kOfficial);
  }
  if (!is_domain(result.domain)) return "its registry '" + result.domain + "' is not a host name";
  if (std::any_of(result.path.begin(), result.path.end(), is_upper)) return "its name must be lower case";
  if (!each_part(result.path, '/', is_path_component)) {
    return "its name must be lower-case letters and digits, with single '.', '_', '__' or '-' between them";
  }
  if (result.domain.size() + 1 + result.path.size() > kMaxName) return "its name is longer than 255 bytes";
  return "";
}

std::string explain(std::string_view text, Reference& result) {
  if (text.empty()) return "it is empty";
  if (text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex)) return "64 hexadecimal digits are an id";
  return parse_into(text, result);
}

}  // namespace

Reference Reference::parse(std::string_view text) {
  Reference result;
  std::string wrong = explain(text, result);
  if (wrong.empty()) return result;
  std::string shown(text.substr(0, 300));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  throw Error(ErrorKind::invalid, "invalid image reference '" + shown + "': " + wrong);
}

std::optional<Reference> Reference::find(std::string_view text) {
  Reference result;
  if (!explain(text, result).empty()) return std::nullopt;
  return result;
}

Reference Reference::with_default_tag() const {
  Reference result = *this;
  if (result.tag.empty() && !result.digest) result.tag = "latest";
  return result;
}

std::string Reference::repository() const { return domain + "/" + path; }

std::string Reference::canonical() const {
  return repository() + (tag.empty() ? "" : ":" + tag) + (digest ? "@" + digest->text() : "");
}

std::string Reference::familiar_repository() const {
  if (domain != kDefaultDomain) return repository();
  std::string_view rest = path;
  // "library/a/b" is not of the official ones, and without its first part would mean another.
  if (rest.substr(0, kOfficial.size()) == kOfficial && rest.find('/', kOfficial.size()) == std::string_view::npos) {
    rest.remove_prefix(kOfficial.size());
  }
  return std::string(rest);
}

std::string Reference::familiar() const {
  return familiar_repository() + (tag.empty() ? "" : ":" + tag) + (digest ? "@" + digest->text() : "");
}

std::optional<std::string_view> find_id_prefix(std::string_view text) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (text.substr(0, kAlgorithm.size()) == kAlgorithm) text.remove_prefix(kAlgorithm.size());
  if (text.size() < 4 || text.size() > 64 || !std::all_of(text.begin(), text.end(), is_hex)) return std::nullopt;
  return text;
}

}  // namespace crun::image
