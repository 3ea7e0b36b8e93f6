#include "libcrun/ns/id_maps.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/child.h"
#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "libcrun/ns/user_namespace.h"
#include "libcrun/syscall/syscall.h"

namespace crun::ns {
namespace {

using Mappings = std::vector<spec::IdMapping>;

// Where Debian and others put the setuid programs of shadow. PATH is the caller's to set, these are not.
constexpr std::array kProgramFolders = {"/usr/bin/", "/bin/", "/usr/local/bin/", "/usr/sbin/", "/sbin/"};

bool is_own_alone(const Mappings& mappings, uint32_t own) {
  return mappings.size() == 1 && mappings[0].size == 1 && mappings[0].host_id == own;
}

bool may_map() {
  uint64_t permitted = 0;
  constexpr uint64_t kNeeded = uint64_t{1} << CAP_SETUID | uint64_t{1} << CAP_SETGID;
  return syscall::permitted_capabilities(permitted) == 0 && (permitted & kNeeded) == kNeeded;
}

void write_file(const std::string& path, const std::string& text) {
  Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) throw SysError(errno, "opening " + path);
  write_all(file.get(), text, path);
}

std::string find_program(const std::string& name) {
  for (const char* folder : kProgramFolders) {
    std::string path = folder + name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  throw Error(ErrorKind::unsupported, "mapping more than your own id needs " + name +
                                          " (Debian's package uidmap), and it is not installed; install it, or map "
                                          "one id alone");
}

// newuidmap PID [inside outside size]...
void run_mapper(const std::string& name, pid_t child, const Mappings& mappings) {
  Program program{find_program(name), {name, std::to_string(child)}, {}, {-1, -1, -1}};
  for (const spec::IdMapping& entry : mappings) {
    for (uint32_t value : {entry.container_id, entry.host_id, entry.size}) {
      program.arguments.push_back(std::to_string(value));
    }
  }
  Pipe pipe = Pipe::make();
  program.fds[2] = pipe.write_end.get();
  Child mapper = spawn(program);
  pipe.write_end.reset();
  std::string said = read_to_end(pipe.read_end.get(), 64 << 10, name);
  ExitStatus status = mapper.wait();
  if (!status.signaled && status.value == 0) return;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  throw Error(ErrorKind::denied, "mapping ids by " + name + ": " + said + " (look at /etc/subuid and /etc/subgid)");
}

}  // namespace

MapWriter writer_of(const IdMaps& maps, bool privileged, uid_t uid, gid_t gid) {
  if (privileged) return MapWriter::us;
  if (is_own_alone(maps.uids, uid) && is_own_alone(maps.gids, gid)) return MapWriter::us_single;
  return MapWriter::shadow_helpers;
}

void write_id_maps(pid_t child, const IdMaps& maps) {
  MapWriter writer = writer_of(maps, may_map(), geteuid(), getegid());
  if (writer == MapWriter::shadow_helpers) {
    run_mapper("newuidmap", child, maps.uids);
    run_mapper("newgidmap", child, maps.gids);
    return;
  }
  std::string process = "/proc/" + std::to_string(child);
  // user_namespaces(7): else an unprivileged process could drop a group that denies it something.
  if (writer == MapWriter::us_single) write_file(process + "/setgroups", "deny");
  write_file(process + "/uid_map", id_map_text(maps.uids));
  write_file(process + "/gid_map", id_map_text(maps.gids));
}

std::optional<uint32_t> host_id(const Mappings& mappings, uint32_t id) {
  for (const spec::IdMapping& entry : mappings) {
    if (id >= entry.container_id && id - entry.container_id < entry.size)
      return entry.host_id + (id - entry.container_id);
  }
  return std::nullopt;
}

Mappings read_id_map(const std::string& path) {
  std::vector<uint32_t> numbers;
  std::string text = read_path(path);
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    uint32_t number = 0;
    auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = error == std::errc() ? next : at + 1;  // the blanks between
  }
  Mappings mappings;
  for (size_t i = 0; i + 2 < numbers.size(); i += 3) mappings.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
  return mappings;
}

}  // namespace crun::ns
