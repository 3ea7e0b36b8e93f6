// checkpoint: a container's processes become files, by criu.
#include "crun/checkpoint.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "libcrun/container/criu.h"
#include "libcrun/container/state.h"
#include "libcrun/spec/parse.h"

namespace crun {
namespace {

using container::Folder;
using container::Record;

std::string read_link(const std::string& path) {
  char target[PATH_MAX];
  ssize_t length = readlink(path.c_str(), target, sizeof target);
  if (length < 0) throw SysError(errno, "reading " + path);
  return std::string(target, static_cast<size_t>(length));
}

// Where a path of the container really leads, past its symlinks. Nothing where it is not there.
struct Place {
  std::string path;
  bool is_folder = false;
};
std::optional<Place> find_place(const Dir& root, const std::string& path) {
  std::optional<Fd> file = root.find_at(path, O_PATH);
  if (!file) return std::nullopt;
  struct stat status {};
  checked(fstat(file->get(), &status), "looking at a mount of the container");
  // The kernel names it from the root of its own mount namespace.
  return Place{read_link("/proc/self/fd/" + std::to_string(file->get())), S_ISDIR(status.st_mode)};
}

bool is_bind(const spec::Mount& mount) {
  for (const std::string& option : mount.options) {
    if (option == "bind" || option == "rbind") return true;
  }
  return mount.type == "bind";
}

// Those whose source is outside: bind mounts, and files that are hidden behind the host's /dev/null.
std::vector<container::ExternalMount> external_mounts(const spec::Spec& spec, const Dir& root) {
  std::vector<container::ExternalMount> found;
  for (const spec::Mount& mount : spec.mounts) {
    if (!is_bind(mount)) continue;
    if (auto place = find_place(root, mount.destination)) found.push_back({place->path, mount.destination});
  }
  for (const std::string& path : spec.linux.masked_paths) {
    auto place = find_place(root, path);
    if (place && !place->is_folder) found.push_back({place->path, path});
  }
  return found;
}

uint64_t joined_network(const spec::Spec& spec, pid_t pid) {
  const spec::Namespace* network = spec.linux.find_namespace(spec::NamespaceType::network);
  if (network == nullptr || network->path.empty()) return 0;
  struct stat status {};
  std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  if (stat(path.c_str(), &status) != 0) throw SysError(errno, "looking at " + path);
  return status.st_ino;
}

void write_descriptors(const Dir& images, pid_t pid) {
  nlohmann::json names = nlohmann::json::array();
  for (int fd = 0; fd < 3; ++fd) {
    names.push_back(read_link("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd)));
  }
  images.replace_file(container::kDescriptorsFile, write_json(names), 0600, false);
}

spec::Spec spec_of(const Record& record) {
  if (record.config.empty()) {
    throw Error(ErrorKind::unsupported,
                "container " + record.id + " was created without a config.json, which a checkpoint needs");
  }
  spec::Spec spec = spec::parse(record.config);
  if (spec.process && spec.process->terminal) {
    throw Error(ErrorKind::unsupported,
                "container " + record.id +
                    " has a terminal, whose other end the criu command cannot write down; run it "
                    "with process.terminal false");
  }
  return spec;
}

container::CriuDump dump_of(const Record& record, const spec::Spec& spec) {
  container::CriuDump dump;
  dump.pid = record.pid;
  dump.rootfs = record.rootfs;
  if (!record.cgroup.empty()) dump.freeze_cgroup = record.hierarchy + record.cgroup;
  Dir root = Dir::open("/proc/" + std::to_string(record.pid) + "/root");
  dump.mounts = external_mounts(spec, root);
  dump.network_inode = joined_network(spec, record.pid);
  return dump;
}

void check_parent(const CheckpointRequest& request, const Dir& images) {
  if (request.parent_path.empty()) return;
  if (request.parent_path.front() == '/') {
    throw Error(ErrorKind::invalid, "parent path " + request.parent_path + ": give it relative to the image path");
  }
  struct stat status {};
  if (fstatat(images.fd(), request.parent_path.c_str(), &status, 0) != 0) {
    throw SysError(errno, "opening the parent images " + request.parent_path + " from " + request.criu.image_path);
  }
}

}  // namespace

void Runtime::checkpoint(const std::string& id, const CheckpointRequest& request) const {
  Folder folder = Folder::open(root_, id);
  FileLock lock = folder.lock();
  Record record = folder.read();
  if (!container::find_process(record)) {
    throw Error(ErrorKind::busy, "container " + id + " is not running: there is nothing to checkpoint");
  }
  spec::Spec spec = spec_of(record);
  container::CriuRun run{container::find_criu(criu_), {}, {}, {}};
  Dir images = Dir::open_or_make(request.criu.image_path, 0700);
  if (!request.criu.work_path.empty()) Dir::open_or_make(request.criu.work_path, 0700);
  check_parent(request, images);
  container::CriuDump dump = dump_of(record, spec);
  if (request.status_fd >= 0) {
    run.fds = {request.status_fd};
    dump.status_fd = 3;
  }
  if (!request.pre_dump) write_descriptors(images, record.pid);
  run.arguments = container::criu_dump_arguments(request, dump);
  run.log = (request.criu.work_path.empty() ? request.criu.image_path : request.criu.work_path) + "/dump.log";
  container::run_criu(run, "checkpointing container " + id);
}

}  // namespace crun
