#include "engine/session/detach_keys.h"

#include "crun/containers.h"
#include "crun/error.h"

namespace crun::engine {
namespace {

char parse_key(const std::string& key, const std::string& whole) {
  if (key.size() == 1) return key[0];
  constexpr std::string_view kPrefix = "ctrl-";
  if (key.size() == kPrefix.size() + 1 && key.compare(0, kPrefix.size(), kPrefix) == 0) {
    char letter = key.back();
    if (letter >= 'a' && letter <= 'z') return static_cast<char>(letter - 'a' + 1);
    if (letter == '@' || (letter >= '[' && letter <= '_')) return static_cast<char>(letter - '@');
  }
  throw Error(ErrorKind::invalid, "detach keys '" + whole + "': '" + key + "' is neither a character nor ctrl-X");
}

}  // namespace

std::string parse_detach_keys(const std::string& text) {
  std::string keys;
  for (size_t start = 0; !text.empty() && start <= text.size();) {
    size_t end = text.find(',', start);
    if (end == std::string::npos) end = text.size();
    keys += parse_key(text.substr(start, end - start), text);
    start = end + 1;
  }
  return keys;
}

std::string DetachKeys::filter(std::string_view typed) {
  if (keys_.empty()) return std::string(typed);
  std::string out;
  for (char c : typed) {
    if (c == keys_[matched_]) {
      if (++matched_ == keys_.size()) {
        detached_ = true;
        return out;
      }
      continue;
    }
    // What was held back was not the keys; this character may begin them.
    out.append(keys_, 0, matched_);
    matched_ = 0;
    if (c == keys_[0]) {
      matched_ = 1;
      continue;
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace crun::engine

namespace crun {

void check_detach_keys(const std::string& keys) { engine::parse_detach_keys(keys); }

}  // namespace crun
