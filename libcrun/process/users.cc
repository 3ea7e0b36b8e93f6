#include "libcrun/process/users.h"

#include <fcntl.h>

#include <array>

#include "base/file.h"
#include "crun/error.h"

namespace crun::process {
namespace {

constexpr size_t kLongestFile = 1 << 20;

// name:password:uid:gid:comment:home:shell (passwd(5)).
struct Entry {
  std::array<std::string_view, 7> fields;
  size_t count = 0;
};

Entry split(std::string_view line) {
  Entry entry;
  while (entry.count < entry.fields.size()) {
    size_t colon = line.find(':');
    entry.fields[entry.count++] = line.substr(0, colon);
    if (colon == std::string_view::npos) break;
    line.remove_prefix(colon + 1);
  }
  return entry;
}

}  // namespace

std::optional<std::string> find_home_in(std::string_view passwd, uid_t uid) {
  std::string wanted = std::to_string(uid);
  while (!passwd.empty()) {
    size_t end = passwd.find('\n');
    Entry entry = split(passwd.substr(0, end));
    if (entry.count >= 6 && entry.fields[2] == wanted && !entry.fields[5].empty()) return std::string(entry.fields[5]);
    if (end == std::string_view::npos) break;
    passwd.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::optional<std::string> find_home(const Dir& root, uid_t uid) {
  try {
    std::optional<Fd> passwd = root.find_at("/etc/passwd", O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (!passwd) return std::nullopt;
    return find_home_in(read_regular(passwd->get(), kLongestFile, "/etc/passwd"), uid);
  } catch (const Error&) {
    return std::nullopt;  // HOME is a convenience: a container without a readable passwd starts all the same
  }
}

}  // namespace crun::process
