#include "libcrun/container/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/pidfd.h"
#include "base/rollback.h"
#include "libcrun/spec/write.h"

namespace crun::container {
namespace {

constexpr int kRecordVersion = 1;
constexpr const char* kRecordFile = "state";
constexpr mode_t kFolderMode = 0700;

nlohmann::json to_json(const Record& record) {
  nlohmann::json json = {{"version", kRecordVersion},      {"id", record.id},
                         {"bundle", record.bundle},        {"rootfs", record.rootfs},
                         {"cgroup", record.cgroup},        {"hierarchy", record.hierarchy},
                         {"createdAt", record.created_at}, {"annotations", record.annotations},
                         {"hasHooks", record.has_hooks},   {"configSize", record.config.size()},
                         {"namespaces", record.namespaces}};
  if (!record.unit.empty()) json["unit"] = record.unit;
  if (!record.rdt.tasks.empty()) json["intelRdt"] = {{"tasks", record.rdt.tasks}, {"removed", record.rdt.removed}};
  json["program"] = {
      {"name", record.program.name}, {"cwd", record.program.cwd}, {"candidates", record.program.candidates}};
  return json;
}

Record from_json(const nlohmann::json& json, const std::string& id) {
  int version = json.value("version", 0);
  if (version != kRecordVersion) {
    throw Error(ErrorKind::unsupported, "container " + id + ": its state is of version " + std::to_string(version) +
                                            ", this program knows " + std::to_string(kRecordVersion));
  }
  Record record;
  record.id = json.at("id").get<std::string>();
  record.bundle = json.at("bundle").get<std::string>();
  record.rootfs = json.at("rootfs").get<std::string>();
  record.cgroup = json.at("cgroup").get<std::string>();
  record.created_at = json.at("createdAt").get<int64_t>();
  record.hierarchy = json.at("hierarchy").get<std::string>();
  record.unit = json.value("unit", "");
  record.annotations = json.at("annotations").get<spec::StringMap>();
  record.has_hooks = json.at("hasHooks").get<bool>();
  record.namespaces = json.value("namespaces", 0U);
  if (auto rdt = json.find("intelRdt"); rdt != json.end()) {
    record.rdt.tasks = rdt->at("tasks").get<std::vector<std::string>>();
    record.rdt.removed = rdt->at("removed").get<std::vector<std::string>>();
  }
  const nlohmann::json& program = json.at("program");
  record.program.name = program.at("name").get<std::string>();
  record.program.cwd = program.at("cwd").get<std::string>();
  record.program.candidates = program.at("candidates").get<std::vector<std::string>>();
  return record;
}

// "1234 5678\n"; a line without its end is still being written.
void read_process(const std::string& line, Record& record) {
  if (line.empty() || line.back() != '\n') return;
  char* end = nullptr;
  record.pid = static_cast<pid_t>(strtol(line.c_str(), &end, 10));
  record.start_time = strtoull(end, nullptr, 10);
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
         c == '-' || c == '.';
}

spec::Status spec_status(ContainerStatus status) {
  switch (status) {
    case ContainerStatus::creating: return spec::Status::creating;
    case ContainerStatus::created: return spec::Status::created;
    // The spec knows no such status; a paused one has been started or not, and hooks are run in neither.
    case ContainerStatus::paused:
    case ContainerStatus::running: return spec::Status::running;
    case ContainerStatus::stopped: break;
  }
  return spec::Status::stopped;
}

}  // namespace

void check_id(const std::string& id) {
  constexpr size_t kLongest = 255;  // it is a folder's name
  bool good =
      !id.empty() && id.size() <= kLongest && id.front() != '.' && std::all_of(id.begin(), id.end(), is_id_character);
  if (!good) {
    throw Error(ErrorKind::invalid, "container id '" + id.substr(0, kLongest) +
                                        "' is not made of letters, digits, '_', '+', '-' and '.', up to 255 of them, "
                                        "without a dot in front");
  }
}

Folder Folder::make(const std::string& root, const std::string& id) {
  check_id(id);
  Dir parent = Dir::open_or_make(root, kFolderMode);
  if (mkdirat(parent.fd(), id.c_str(), kFolderMode) != 0) {
    if (errno != EEXIST) throw SysError(errno, "making the state folder of container " + id);
    throw Error(ErrorKind::exists, "container " + id + " exists already; choose another id or delete it");
  }
  Rollback undo;
  undo.add([&] { unlinkat(parent.fd(), id.c_str(), AT_REMOVEDIR); });
  Dir dir = parent.open_dir(id, Resolve::no_symlinks);
  undo.dismiss();
  return Folder(std::move(parent), std::move(dir), id);
}

std::optional<Folder> Folder::find(const std::string& root, const std::string& id) {
  check_id(id);
  Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) throw SysError(errno, "opening state root " + root);
  Dir parent(std::move(fd));
  std::optional<Dir> dir = parent.find_dir(id, Resolve::no_symlinks);
  if (!dir) return std::nullopt;
  return Folder(std::move(parent), std::move(*dir), id);
}

Folder Folder::open(const std::string& root, const std::string& id) {
  std::optional<Folder> folder = find(root, id);
  if (!folder) throw Error(ErrorKind::not_found, "container " + id + " does not exist");
  return std::move(*folder);
}

std::vector<std::string> Folder::ids(const std::string& root) {
  Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return {};
  if (!fd) throw SysError(errno, "opening state root " + root);
  std::vector<std::string> names = Dir(std::move(fd)).list();
  names.erase(std::remove_if(names.begin(), names.end(), [](const std::string& name) { return name.front() == '.'; }),
              names.end());
  std::sort(names.begin(), names.end());
  return names;
}

FileLock Folder::lock() const {
  return FileLock::exclusive(dir_.open_at(kRecordFile, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, Resolve::no_symlinks),
                             "container " + id_);
}

void Folder::write(const Record& record) const {
  Fd file = dir_.open_at(kRecordFile, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600, Resolve::no_symlinks);
  write_all(file.get(), write_json(to_json(record)) + "\n" + record.config, kRecordFile);
}

void Folder::replace(const Record& record) const {
  Fd file = dir_.open_at(kRecordFile, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0, Resolve::no_symlinks);
  write_all(file.get(), write_json(to_json(record)) + "\n" + record.config, kRecordFile);
}

void Folder::write_process(const Record& record) const {
  Fd file = dir_.open_at(kRecordFile, O_WRONLY | O_APPEND | O_NOFOLLOW, 0, Resolve::no_symlinks);
  write_all(file.get(), std::to_string(record.pid) + " " + std::to_string(record.start_time) + "\n", kRecordFile);
}

Record Folder::read() const {
  constexpr size_t kLongest = 8 << 20;
  Record record;
  record.id = id_;
  std::optional<Fd> file = dir_.find_at(kRecordFile, O_RDONLY, Resolve::no_symlinks);
  if (!file) return record;
  std::string name = "state of container " + id_;
  std::string text = read_regular(file->get(), kLongest, name);
  size_t end = text.find('\n');
  if (end == std::string::npos) return record;  // its maker is writing, or was killed at it
  size_t config_size = 0;
  try {
    nlohmann::json json = parse_json(std::string_view(text).substr(0, end), name);
    record = from_json(json, id_);
    config_size = json.at("configSize").get<size_t>();
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::invalid, name + " is damaged: " + error.what());
  }
  size_t config_begin = end + 1;
  if (text.size() - config_begin < config_size) return record;
  record.config = text.substr(config_begin, config_size);
  read_process(text.substr(config_begin + config_size), record);
  return record;
}

// The stage holds the fifo open until its execve; one without a reader is what a starter left that was killed.
std::string Folder::path() const {
  char path[PATH_MAX];
  std::string link = "/proc/self/fd/" + std::to_string(dir_.fd());
  ssize_t length = readlink(link.c_str(), path, sizeof path);
  if (length < 0) throw SysError(errno, "reading " + link);
  return std::string(path, static_cast<size_t>(length));
}

bool Folder::waits_for_start() const {
  Fd fifo(openat(dir_.fd(), "start", O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!fifo && errno != ENOENT && errno != ENXIO) throw SysError(errno, "looking at the start of container " + id_);
  return static_cast<bool>(fifo);
}

void Folder::remove() const { parent_.remove_tree(id_); }

std::optional<cgroup::Hierarchy> hierarchy_of(const Record& record) {
  if (record.cgroup.empty()) return std::nullopt;
  return cgroup::Hierarchy(Dir::open(record.hierarchy), {record.hierarchy, "/"});
}

cgroup::Place place_of(const Record& record) { return {record.cgroup, record.unit, ""}; }

std::optional<cgroup::Cgroup> find_cgroup(const Record& record) {
  std::optional<cgroup::Hierarchy> hierarchy = hierarchy_of(record);
  return hierarchy ? cgroup::Cgroup::find(*hierarchy, record.cgroup) : std::nullopt;
}

cgroup::Cgroup get_cgroup(const Record& record, std::string_view what) {
  if (!find_process(record)) throw Error(ErrorKind::busy, "container not running: " + record.id + " has ended");
  if (record.cgroup.empty()) {
    throw Error(ErrorKind::unsupported, std::string(what) + " container " + record.id +
                                            ": it was created without a cgroup, so there is no way to");
  }
  std::optional<cgroup::Cgroup> cgroup = find_cgroup(record);
  if (!cgroup) throw Error(ErrorKind::busy, "container not running: the cgroup of " + record.id + " is gone");
  return std::move(*cgroup);
}

bool is_paused(const Record& record) {
  if (record.cgroup.empty()) return false;
  // By its path, which is ours: the hierarchy and the cgroup need not be opened for one line.
  Fd events(::open((record.hierarchy + record.cgroup + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  char buffer[256];
  ssize_t count = events ? ::read(events.get(), buffer, sizeof buffer) : 0;
  return count > 0 && std::string_view(buffer, static_cast<size_t>(count)).find("frozen 1") != std::string_view::npos;
}

std::optional<uint64_t> find_start_time(pid_t pid) {
  Fd file(::open(("/proc/" + std::to_string(pid) + "/stat").c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && (errno == ENOENT || errno == ESRCH)) return std::nullopt;
  if (!file) throw SysError(errno, "opening the status of process " + std::to_string(pid));
  std::string text;
  try {
    text = read_to_end(file.get(), 8192, "a process's status");
  } catch (const SysError& error) {
    if (error.errno_value() == ESRCH) return std::nullopt;
    throw;
  }
  // The second field, the command's name, may hold blanks and parentheses: the last one ends it.
  size_t at = text.rfind(')');
  if (at == std::string::npos || at + 2 >= text.size()) return std::nullopt;
  char state = text[at + 2];
  if (state == 'Z' || state == 'X') return std::nullopt;
  constexpr int kFieldsBetween = 20;  // from the name, field 2, to starttime, field 22
  for (int field = 0; field < kFieldsBetween; ++field) at = text.find(' ', at + 1);
  return strtoull(text.c_str() + at + 1, nullptr, 10);
}

std::optional<Fd> find_process(const Record& record) {
  if (record.pid <= 0) return std::nullopt;
  Fd pidfd(pidfd_open(record.pid, 0));
  if (!pidfd && (errno == ESRCH || errno == EINVAL)) return std::nullopt;  // gone; another's thread has the number
  if (!pidfd) throw SysError(errno, "opening process " + std::to_string(record.pid) + " of container " + record.id);
  // In this order: while the pidfd is held its number is not given away, so the time is of the same process.
  if (find_start_time(record.pid) != record.start_time) return std::nullopt;
  return pidfd;
}

ContainerStatus status_of(const Folder& folder, const Record& record) {
  if (record.pid == 0) return ContainerStatus::creating;
  if (find_start_time(record.pid) != record.start_time) return ContainerStatus::stopped;
  if (is_paused(record)) return ContainerStatus::paused;
  return folder.waits_for_start() ? ContainerStatus::created : ContainerStatus::running;
}

std::string state_document(const Record& record, ContainerStatus status) {
  spec::State state;
  state.id = record.id;
  state.status = spec_status(status);
  if (record.pid != 0 && status != ContainerStatus::stopped) state.pid = record.pid;
  state.bundle = record.bundle;
  state.annotations = record.annotations;
  return spec::write(state);
}

}  // namespace crun::container

namespace crun {

std::string_view status_name(ContainerStatus status) {
  switch (status) {
    case ContainerStatus::creating: return "creating";
    case ContainerStatus::created: return "created";
    case ContainerStatus::running: return "running";
    case ContainerStatus::paused: return "paused";
    case ContainerStatus::stopped: break;
  }
  return "stopped";
}

}  // namespace crun
