#include "libcrun/rootfs/id_map.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "crun/error.h"
#include "libcrun/ns/user_namespace.h"

namespace crun::rootfs {
namespace {

[[noreturn]] void refuse(std::string_view text) {
  throw Error(ErrorKind::invalid,
              "mount option idmap=" + std::string(text) +
                  ": must be uids=FROM-TO-SIZE#…;gids=FROM-TO-SIZE#… (a file system's id, the host's "
                  "id, how many)");
}

uint32_t take_number(std::string_view& text, std::string_view whole) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) refuse(whole);
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

void take(std::string_view& text, char expected, std::string_view whole) {
  if (text.empty() || text.front() != expected) refuse(whole);
  text.remove_prefix(1);
}

uint32_t host_id_of(uint32_t id, uint32_t size, const std::vector<spec::IdMapping>& mappings, std::string_view whole) {
  for (const spec::IdMapping& mapping : mappings) {
    uint64_t begin = mapping.container_id;
    if (id >= begin && uint64_t{id} + size <= begin + mapping.size)
      return mapping.host_id + (id - mapping.container_id);
  }
  throw Error(ErrorKind::invalid, "mount option idmap=" + std::string(whole) + ": the container has no mapping for " +
                                      std::to_string(id) + " to " + std::to_string(uint64_t{id} + size - 1));
}

std::vector<spec::IdMapping> take_mappings(std::string_view& text, const std::vector<spec::IdMapping>& container,
                                           std::string_view whole) {
  std::vector<spec::IdMapping> mappings;
  do {
    bool relative = !text.empty() && text.front() == '@';
    if (relative) text.remove_prefix(1);
    spec::IdMapping mapping;
    mapping.container_id = take_number(text, whole);
    take(text, '-', whole);
    mapping.host_id = take_number(text, whole);
    take(text, '-', whole);
    mapping.size = take_number(text, whole);
    if (mapping.size == 0) refuse(whole);
    if (relative) mapping.host_id = host_id_of(mapping.host_id, mapping.size, container, whole);
    mappings.push_back(mapping);
    if (text.empty() || text.front() != '#') break;
    text.remove_prefix(1);
  } while (true);
  return mappings;
}

}  // namespace

IdMap parse_id_map(std::string_view text, const IdMap& container) {
  std::string_view rest = text;
  IdMap map;
  while (!rest.empty()) {
    std::string_view kind = rest.substr(0, 5);
    rest.remove_prefix(kind.size());
    bool uids = kind == "uids=";
    if (!uids && kind != "gids=") refuse(text);
    std::vector<spec::IdMapping>& into = uids ? map.uids : map.gids;
    if (!into.empty()) refuse(text);
    into = take_mappings(rest, uids ? container.uids : container.gids, text);
    if (!rest.empty()) take(rest, ';', text);
  }
  if (map.uids.empty() || map.gids.empty()) refuse(text);
  return map;
}

int IdMapNamespaces::find(const spec::Mount& mount, const IdMapRequest& request) {
  IdMap container = linux_ == nullptr ? IdMap{} : IdMap{linux_->uid_mappings, linux_->gid_mappings};
  if (!request.mappings.empty()) return make(parse_id_map(request.mappings, container));
  if (!mount.uid_mappings.empty() || !mount.gid_mappings.empty()) return make({mount.uid_mappings, mount.gid_mappings});
  const spec::Namespace* user = linux_ == nullptr ? nullptr : linux_->find_namespace(spec::NamespaceType::user);
  if (user != nullptr && !user->path.empty()) return open_joined(user->path);
  if (user == nullptr || container.uids.empty() || container.gids.empty()) {
    throw Error(ErrorKind::invalid,
                "mount on " + mount.destination +
                    ": idmap needs uidMappings and gidMappings, its own or those of the container's user namespace");
  }
  return make(container);
}

int IdMapNamespaces::make(const IdMap& map) {
  auto found = std::find_if(made_.begin(), made_.end(), [&](const Made& made) { return made.map == map; });
  if (found == made_.end()) {
    made_.push_back({map, "", ns::make_user_namespace(map.uids, map.gids)});
    found = std::prev(made_.end());
  }
  return found->fd.get();
}

int IdMapNamespaces::open_joined(const std::string& path) {
  auto found = std::find_if(made_.begin(), made_.end(), [&](const Made& made) { return made.path == path; });
  if (found == made_.end()) {
    Fd fd(checked(open(path.c_str(), O_RDONLY | O_CLOEXEC), "opening user namespace " + path));
    made_.push_back({{}, path, std::move(fd)});
    found = std::prev(made_.end());
  }
  return found->fd.get();
}

int set_id_map(int mount, int user_namespace, bool recursive) noexcept {
  mount_attr change{};
  change.attr_set = MOUNT_ATTR_IDMAP;
  change.userns_fd = static_cast<uint64_t>(user_namespace);
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  return mount_setattr(mount, "", flags, &change, sizeof change) == 0 ? 0 : -errno;
}

}  // namespace crun::rootfs
