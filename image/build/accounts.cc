#include "image/build/accounts.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "crun/error.h"

namespace crun::build {
namespace {

constexpr size_t kFileLimit = 4 << 20;  // bytes of a passwd or group file
constexpr unsigned long kMostId = 2147483647;

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(ErrorKind::invalid, "--chown=" + text + ": " + why);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool has_sign(std::string_view text) { return !text.empty() && (text.front() == '-' || text.front() == '+'); }

unsigned to_id(std::string_view number, const std::string& text) {
  if (number.size() > 10 || std::stoul(std::string(number)) > kMostId) {
    refuse(text, std::string(number) + " is above " + std::to_string(kMostId));
  }
  return static_cast<unsigned>(std::stoul(std::string(number)));
}

std::vector<std::string_view> fields(std::string_view line) {
  std::vector<std::string_view> result;
  for (;;) {
    size_t colon = line.find(':');
    result.push_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return result;
    line.remove_prefix(colon + 1);
  }
}

// The fields of the first line whose first field is `name`, in a file that may not be there.
std::optional<std::vector<std::string>> find_line(const Dir& root, const char* path, std::string_view name,
                                                  size_t least) {
  std::optional<Fd> file = root.find_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return std::nullopt;
  std::string content = read_regular(file->get(), kFileLimit, path);
  std::string_view rest(content);
  while (!rest.empty()) {
    size_t end = rest.find('\n');
    std::vector<std::string_view> line = fields(rest.substr(0, end));
    if (line[0] == name && line.size() >= least) return std::vector<std::string>(line.begin(), line.end());
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return std::nullopt;
}

unsigned id_field(const std::vector<std::string>& line, size_t index, const char* path, const std::string& text) {
  if (!is_number(line[index])) refuse(text, std::string(path) + " has no number for it");
  return to_id(line[index], text);
}

}  // namespace

Owner parse_owner(const std::string& text, const Dir& root) {
  size_t colon = text.find(':');
  std::string user = text.substr(0, colon);
  std::string group = colon == std::string::npos ? "" : text.substr(colon + 1);
  if ((user.empty() && group.empty()) || group.find(':') != std::string::npos) {
    refuse(text, "it is user[:group], each a name or a number");
  }
  // A number that is out of range is not a name, whatever passwd has (CVE-2024-40635).
  if (has_sign(user) || has_sign(group)) refuse(text, "a number has no sign here");
  Owner owner;
  if (is_number(user)) {
    owner.user = to_id(user, text);
    owner.group = owner.user;
  } else if (!user.empty()) {
    std::optional<std::vector<std::string>> line = find_line(root, "/etc/passwd", user, 4);
    if (!line) refuse(text, "user '" + user + "' is not in the stage's /etc/passwd");
    owner.user = id_field(*line, 2, "/etc/passwd", text);
    owner.group = id_field(*line, 3, "/etc/passwd", text);
  }
  if (is_number(group)) {
    owner.group = to_id(group, text);
  } else if (!group.empty()) {
    std::optional<std::vector<std::string>> line = find_line(root, "/etc/group", group, 3);
    if (!line) refuse(text, "group '" + group + "' is not in the stage's /etc/group");
    owner.group = id_field(*line, 2, "/etc/group", text);
  }
  return owner;
}

}  // namespace crun::build
