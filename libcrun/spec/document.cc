#include "libcrun/spec/document.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"

namespace crun::spec {
namespace {

constexpr size_t kDeepest = 64;
constexpr size_t kLongest = 4 << 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The length of the well-formed UTF-8 sequence at the front; 0 where there is none (RFC 3629: no surrogates, no
// overlong forms, nothing above U+10FFFF).
size_t sequence_length(const char* at, const char* end) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(at[i]); };
  auto follows = [&](size_t count) {
    if (static_cast<size_t>(end - at) < count) return false;
    for (size_t i = 1; i < count; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    return true;
  };
  if (byte(0) < 0x80) return 1;
  if (byte(0) >= 0xc2 && byte(0) <= 0xdf) return follows(2) ? 2 : 0;
  if (byte(0) >= 0xe0 && byte(0) <= 0xef) {
    if (!follows(3) || (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) > 0x9f)) return 0;
    return 3;
  }
  if (byte(0) >= 0xf0 && byte(0) <= 0xf4) {
    if (!follows(4) || (byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

void append_utf8(std::string& out, uint32_t code) {
  auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | (code >> shift & 0x3f))); };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

// One pass by recursive descent (RFC 8259). Every function gives false where the text is not JSON.
class DocumentParser {
 public:
  DocumentParser(Document& document, std::string_view text)
      : document_(document), at_(text.data()), end_(text.data() + text.size()) {}

  bool parse() {
    if (end_ - at_ >= 3 && std::string_view(at_, 3) == "\xef\xbb\xbf") at_ += 3;  // a byte order mark
    skip_space();
    if (!value(0)) return false;
    skip_space();
    return at_ == end_;
  }

 private:
  using Entry = Document::Entry;

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void add(JsonKind kind, uint64_t number) {
    Entry entry{};
    entry.kind = kind;
    entry.number = number;
    entry.end = static_cast<uint32_t>(document_.entries_.size() + 1);
    document_.entries_.push_back(entry);
  }

  void add_text(JsonKind kind, std::string_view text) {
    add(kind, 0);
    document_.entries_.back().text = text.data();
    document_.entries_.back().length = static_cast<uint32_t>(text.size());
  }

  bool word(std::string_view text, JsonKind kind, uint64_t number) {
    if (static_cast<size_t>(end_ - at_) < text.size() || std::string_view(at_, text.size()) != text) return false;
    at_ += text.size();
    add(kind, number);
    return true;
  }

  bool value(size_t depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '{': return depth < kDeepest && container(JsonKind::object, '}', depth);
      case '[': return depth < kDeepest && container(JsonKind::array, ']', depth);
      case '"': return string();
      case 't': return word("true", JsonKind::boolean, 1);
      case 'f': return word("false", JsonKind::boolean, 0);
      case 'n': return word("null", JsonKind::null, 0);
      default: return number();
    }
  }

  bool container(JsonKind kind, char close, size_t depth) {
    ++at_;
    size_t index = document_.entries_.size();
    add(kind, 0);
    uint32_t size = 0;
    skip_space();
    if (!take(close)) {
      do {
        skip_space();
        if (kind == JsonKind::object && !name()) return false;
        if (!value(depth + 1)) return false;
        ++size;
        skip_space();
      } while (take(','));
      if (!take(close)) return false;
    }
    document_.entries_[index].size = size;
    document_.entries_[index].end = static_cast<uint32_t>(document_.entries_.size());
    return true;
  }

  bool name() {
    if (at_ == end_ || *at_ != '"' || !string()) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    return true;
  }

  bool string() {
    const char* start = ++at_;
    while (at_ != end_ && *at_ != '"') {
      if (*at_ == '\\') return string_with_escapes(start);
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      size_t length = sequence_length(at_, end_);
      if (length == 0) return false;
      at_ += length;
    }
    if (at_ == end_) return false;
    add_text(JsonKind::string, {start, static_cast<size_t>(at_ - start)});
    ++at_;
    return true;
  }

  bool string_with_escapes(const char* start) {
    std::string& text = document_.decoded_.emplace_back(start, at_);
    while (at_ != end_ && *at_ != '"') {
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      if (*at_ == '\\') {
        if (!escape(text)) return false;
        continue;
      }
      size_t length = sequence_length(at_, end_);
      if (length == 0) return false;
      text.append(at_, length);
      at_ += length;
    }
    if (at_ == end_) return false;
    ++at_;
    add_text(JsonKind::string, text);
    return true;
  }

  bool escape(std::string& text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (at_ == end_) return false;
    char letter = *at_++;
    if (letter == 'u') return unicode_escape(text);
    size_t found = kLetters.find(letter);
    if (found == std::string_view::npos) return false;
    text.push_back(kMeanings[found]);
    return true;
  }

  bool four_digits(uint32_t& code) {
    if (end_ - at_ < 4) return false;
    auto [stop, error] = std::from_chars(at_, at_ + 4, code, 16);
    if (error != std::errc() || stop != at_ + 4) return false;
    at_ += 4;
    return true;
  }

  // A code above U+FFFF is a pair of surrogates; half a pair is nothing.
  bool unicode_escape(std::string& text) {
    uint32_t code = 0;
    if (!four_digits(code)) return false;
    if (code >= 0xdc00 && code <= 0xdfff) return false;
    if (code >= 0xd800 && code <= 0xdbff) {
      uint32_t low = 0;
      if (!take('\\') || !take('u') || !four_digits(low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(text, code);
    return true;
  }

  bool digits() {
    if (at_ == end_ || !is_digit(*at_)) return false;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return true;
  }

  bool number() {
    const char* start = at_;
    bool negative = take('-');
    bool zero = at_ != end_ && *at_ == '0';
    const char* first = at_;
    if (!digits() || (zero && at_ - first > 1)) return false;
    bool whole = true;
    if (take('.')) {
      whole = false;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      whole = false;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    if (whole && negative && add_integer<int64_t>(start, JsonKind::integer)) return true;
    if (whole && !negative && add_integer<uint64_t>(start, JsonKind::unsigned_integer)) return true;
    add_text(JsonKind::real, {start, static_cast<size_t>(at_ - start)});
    return true;
  }

  // False where it does not fit.
  template <typename Int>
  bool add_integer(const char* start, JsonKind kind) {
    Int value = 0;
    if (std::from_chars(start, at_, value).ec != std::errc()) return false;
    add(kind, static_cast<uint64_t>(value));
    return true;
  }

  Document& document_;
  const char* at_;
  const char* end_;
};

Document::Document(std::string_view text, std::string_view name) {
  if (text.size() <= kLongest) {
    entries_.reserve(text.size() / 16 + 16);
    if (DocumentParser(*this, text).parse()) return;
  }
  // The text of the error, with its line and column, is the one of all other documents.
  parse_json(text, name, {kLongest, kDeepest});
  throw Error(ErrorKind::invalid, std::string(name) + ": not JSON");
}

bool JsonValue::find(std::string_view name, JsonValue& value) const noexcept {
  bool found = false;
  each_member([&](std::string_view key, const JsonValue& member) {
    if (key != name) return;
    value = member;
    found = true;
  });
  return found;
}

}  // namespace crun::spec
