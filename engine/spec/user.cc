#include "engine/spec/user.h"

#include <fcntl.h>

#include <algorithm>

#include "base/file.h"
#include "crun/error.h"

namespace crun::engine {
namespace {

constexpr size_t kFileLimit = 4 << 20;

[[noreturn]] void refuse(const std::string& user, const std::string& why) {
  throw Error(ErrorKind::invalid, "user '" + user + "': " + why);
}

// A decimal number that the kernel's 31 bits hold (CVE-2024-40635: what wraps must not become root).
std::optional<uint32_t> find_number(std::string_view text) {
  constexpr uint64_t kHighest = 2147483647;
  if (text.empty() || text.size() > 10) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value <= kHighest ? std::optional<uint32_t>(static_cast<uint32_t>(value)) : std::nullopt;
}

// What people mean as a number. One that is none of ours is refused before it can be looked up: an image may name a
// user "4294967296" and make it root (CVE-2026-46680).
void refuse_other_numbers(const std::string& user, std::string_view text, const char* whose) {
  std::string_view digits = text.substr(0, 1) == "-" || text.substr(0, 1) == "+" ? text.substr(1) : text;
  bool number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
  if (number && !find_number(text)) refuse(user, std::string(whose) + " number is 0 to 2147483647");
}

std::string_view take_until(std::string_view& text, char separator) {
  size_t end = text.find(separator);
  std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

struct PasswdEntry {
  std::string_view name;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string_view home;
};

// Calls `visit` with the fields of each line that begins with a name, until it gives true.
template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  constexpr size_t kFields = 6;  // as far as the home folder
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    std::string_view fields[kFields];
    for (std::string_view& field : fields) field = take_until(line, ':');
    if (!fields[0].empty() && visit(fields)) return;
  }
}

template <typename Visit>
void each_passwd(std::string_view text, Visit visit) {
  each_line(text, [&](const auto& fields) {
    std::optional<uint32_t> uid = find_number(fields[2]);
    std::optional<uint32_t> gid = find_number(fields[3]);
    return uid && gid && visit(PasswdEntry{fields[0], *uid, *gid, fields[5]});
  });
}

struct GroupEntry {
  std::string_view name;
  uint32_t gid = 0;
  std::string_view members;
};

template <typename Visit>
void each_group(std::string_view text, Visit visit) {
  each_line(text, [&](const auto& fields) {
    std::optional<uint32_t> gid = find_number(fields[2]);
    return gid && visit(GroupEntry{fields[0], *gid, fields[3]});
  });
}

bool has_member(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    if (take_until(members, ',') == name) return true;
  }
  return false;
}

uint32_t resolve_group(const std::string& text, std::string_view group, const std::string& user) {
  refuse_other_numbers(user, group, "a group's");
  std::optional<uint32_t> found;
  each_group(text, [&](const GroupEntry& entry) {
    if (entry.name == group) found = entry.gid;
    return found.has_value();
  });
  if (!found) found = find_number(group);
  if (!found) refuse(user, "no group '" + std::string(group) + "' in the image's /etc/group");
  return *found;
}

// The name wins over the number, whatever their order in the file.
std::optional<PasswdEntry> find_passwd(const std::string& passwd, std::string_view user) {
  std::optional<PasswdEntry> by_name;
  std::optional<PasswdEntry> by_number;
  std::optional<uint32_t> number = find_number(user);
  each_passwd(passwd, [&](const PasswdEntry& entry) {
    if (entry.name == user) by_name = entry;
    if (number && entry.uid == *number && !by_number) by_number = entry;
    return by_name.has_value();
  });
  return by_name ? by_name : by_number;
}

std::string read_text(const Dir& rootfs, const char* path) {
  std::optional<Fd> file = rootfs.find_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return "";
  try {
    return read_regular(file->get(), kFileLimit, path);
  } catch (Error& error) {
    error.add_context("the image's user files");
    throw;
  }
}

}  // namespace

ResolvedUser resolve_user(const std::string& passwd, const std::string& group, const std::string& user) {
  std::string_view rest = user;
  bool has_group = user.find(':') != std::string::npos;
  std::string_view name = take_until(rest, ':');
  std::string_view group_name = rest;
  if (has_group && (name.empty() || group_name.empty())) refuse(user, "nothing on one side of ':'");
  if (group_name.find(':') != std::string_view::npos) refuse(user, "more than one ':'");
  if (name.empty()) name = "0";
  refuse_other_numbers(user, name, "a user's");

  ResolvedUser resolved;
  std::optional<PasswdEntry> entry = find_passwd(passwd, name);
  if (entry) {
    resolved.uid = entry->uid;
    resolved.gid = entry->gid;
    if (!entry->home.empty()) resolved.home = entry->home;
  } else {
    std::optional<uint32_t> number = find_number(name);
    if (!number) refuse(user, "no such user in the image's /etc/passwd");
    resolved.uid = *number;
  }
  if (has_group) {
    resolved.gid = resolve_group(group, group_name, user);
  } else if (entry) {
    each_group(group, [&](const GroupEntry& line) {
      bool known = line.gid == resolved.gid ||
                   std::find(resolved.groups.begin(), resolved.groups.end(), line.gid) != resolved.groups.end();
      if (!known && has_member(line.members, entry->name)) resolved.groups.push_back(line.gid);
      return false;
    });
  }
  return resolved;
}

ResolvedUser resolve_user(const Dir& rootfs, const std::string& user) {
  bool numbers_only = user.empty() || user == "0" || user == "0:0";
  std::string passwd = read_text(rootfs, "etc/passwd");
  // Nobody can be a member of a group without being in passwd, so the file is read only where it can matter.
  std::string group = numbers_only && passwd.empty() ? "" : read_text(rootfs, "etc/group");
  return resolve_user(passwd, group, user);
}

}  // namespace crun::engine
