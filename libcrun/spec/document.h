// JSON text -> a flat tree of views into it. nlohmann's tree costs a config's reading 100 us of a start that shall cost
// 2,000: an allocation for each text, each list and each name. This one allocates a vector.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace crun::spec {

enum class JsonKind : uint8_t { null, boolean, integer, unsigned_integer, real, string, array, object };

class Document;

// One value of a document. Valid as long as the document and its text are.
class JsonValue {
 public:
  JsonKind kind() const noexcept;
  bool boolean() const noexcept;               // of a boolean
  int64_t integer() const noexcept;            // of a negative integer
  uint64_t unsigned_integer() const noexcept;  // of any other integer
  std::string_view string() const noexcept;    // of a string, escapes resolved; of a number, as it was written
  uint32_t size() const noexcept;              // of an array or object

  // An array's items and an object's members, in the text's order: visit(item), visit(name, value).
  template <typename Visit>
  void each_item(const Visit& visit) const;
  template <typename Visit>
  void each_member(const Visit& visit) const;
  // An object's member; the last one where a name is there twice, as in Go's decoder.
  bool find(std::string_view name, JsonValue& value) const noexcept;

 private:
  friend class Document;
  JsonValue(const Document& document, uint32_t index) noexcept : document_(&document), index_(index) {}
  const Document* document_;
  uint32_t index_;

 public:
  JsonValue() noexcept : document_(nullptr), index_(0) {}
};

class Document {
 public:
  // text: stays the caller's, and must outlive the document. At most 4 MiB and 64 levels deep. name: for errors.
  // Throws Error{invalid}, "<name>: not JSON at line L, column C".
  Document(std::string_view text, std::string_view name);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  JsonValue root() const noexcept { return {*this, 0}; }

 private:
  friend class JsonValue;
  friend class DocumentParser;

  // A container is followed by all that is in it; `end` is the entry after the last of them. An object's members are
  // pairs of a string and a value.
  struct Entry {
    JsonKind kind;
    uint32_t end;
    uint32_t size;
    union {
      uint64_t number;
      const char* text;
    };
    uint32_t length;  // of the text
  };

  std::vector<Entry> entries_;
  std::deque<std::string> decoded_;  // strings that held escapes; a deque does not move what it holds
};

inline JsonKind JsonValue::kind() const noexcept { return document_->entries_[index_].kind; }
inline bool JsonValue::boolean() const noexcept { return document_->entries_[index_].number != 0; }
inline int64_t JsonValue::integer() const noexcept { return static_cast<int64_t>(document_->entries_[index_].number); }
inline uint64_t JsonValue::unsigned_integer() const noexcept { return document_->entries_[index_].number; }
inline uint32_t JsonValue::size() const noexcept { return document_->entries_[index_].size; }
inline std::string_view JsonValue::string() const noexcept {
  const Document::Entry& entry = document_->entries_[index_];
  return {entry.text, entry.length};
}

template <typename Visit>
void JsonValue::each_item(const Visit& visit) const {
  uint32_t end = document_->entries_[index_].end;
  for (uint32_t at = index_ + 1; at < end; at = document_->entries_[at].end) visit(JsonValue(*document_, at));
}

template <typename Visit>
void JsonValue::each_member(const Visit& visit) const {
  uint32_t end = document_->entries_[index_].end;
  for (uint32_t at = index_ + 1; at < end; at = document_->entries_[at + 1].end) {
    visit(JsonValue(*document_, at).string(), JsonValue(*document_, at + 1));
  }
}

}  // namespace crun::spec
