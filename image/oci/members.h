// Reading an object of untrusted JSON member by member: each has one type, null is absent, and an error names the path.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crun::image {

class Members {
 public:
  // value and name outlive this. name: of the document; path: of this object in it, "" at the top.
  // Throws Error{invalid}, as all below, where value is no object.
  Members(const nlohmann::json& value, std::string_view name, std::string path = "");

  bool has(const char* key) const { return find(key) != nullptr; }
  std::string text(const char* key) const;  // "" where absent; a NUL in it is refused, as in all texts
  std::optional<int64_t> integer(const char* key) const;
  bool boolean(const char* key) const;  // false where absent
  std::optional<std::vector<std::string>> texts(const char* key) const;
  std::map<std::string, std::string> text_map(const char* key) const;
  std::vector<std::string> keys_of(const char* key) const;  // of an object whose values do not matter
  std::optional<Members> object(const char* key) const;
  // Calls `each` for each element of an array, which must be objects; at most `limit` of them.
  void objects(const char* key, size_t limit, const std::function<void(const Members&)>& each) const;
  // All members but `known`, as JSON text.
  std::map<std::string, std::string> others(const std::vector<std::string_view>& known) const;

  [[noreturn]] void fail(std::string_view key, std::string_view what) const;

 private:
  const nlohmann::json* find(const char* key) const;
  std::string text_of(const nlohmann::json& value, std::string_view key) const;

  const nlohmann::json& value_;
  std::string_view name_;
  std::string path_;
};

}  // namespace crun::image
