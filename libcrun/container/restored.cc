#include "libcrun/container/restored.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/pidfd.h"
#include "libcrun/container/criu.h"

namespace crun::container {
namespace {

constexpr const char* kRootFolder = "criu-root";
constexpr const char* kPidFile = "criu.pid";

// What criu is started in: the container's cgroup, and a mount namespace of its own in which the container's root is a
// mount, as criu wants it. Both end with it.
struct Surroundings {
  const char* rootfs;
  const char* mount_point;
  int processes;  // cgroup.procs; -1 for none
};

int enter_surroundings(void* context) {
  const Surroundings& around = *static_cast<Surroundings*>(context);
  if (around.processes >= 0 && write(around.processes, "0", 1) != 1) return errno;
  if (unshare(CLONE_NEWNS) != 0) return errno;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0) return errno;
  if (mount(around.rootfs, around.mount_point, nullptr, MS_BIND | MS_REC, nullptr) != 0) return errno;
  return 0;
}

std::vector<ExternalMount> external_mounts(const spec::Spec& spec, const std::string& bundle) {
  std::vector<ExternalMount> mounts;
  for (const spec::Mount& mount : spec.mounts) {
    if (mount.source.empty()) continue;
    mounts.push_back({mount.destination, mount.source.front() == '/' ? mount.source : bundle + "/" + mount.source});
  }
  for (const std::string& path : spec.linux.masked_paths) mounts.push_back({path, "/dev/null"});
  return mounts;
}

// The pipes that fds 0 to 2 were: ours take their places. Numbers in criu are from 3 on.
void inherit_stdio(const Dir& images, const ProcessIo& io, CriuRun& run, CriuRestore& restore) {
  std::string text = images.read_file(kDescriptorsFile, 4096);
  nlohmann::json names = parse_json(text, kDescriptorsFile);
  for (size_t fd = 0; fd < io.stdio.size() && names.is_array() && fd < names.size(); ++fd) {
    std::string name = names[fd].is_string() ? names[fd].get<std::string>() : "";
    if (!name.starts_with("pipe:[")) continue;
    restore.inherited.push_back({3 + static_cast<int>(run.fds.size()), name});
    run.fds.push_back(io.stdio[fd]);
  }
}

Fd open_joined_network(const spec::Spec& spec) {
  const spec::Namespace* network = spec.linux.find_namespace(spec::NamespaceType::network);
  if (network == nullptr || network->path.empty()) return {};
  Fd fd(open(network->path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw SysError(errno, "opening network namespace " + network->path);
  return fd;
}

Child read_first_process(const Folder& folder) {
  std::string text = folder.dir().read_file(kPidFile, 64);
  pid_t pid = static_cast<pid_t>(strtol(text.c_str(), nullptr, 10));
  if (pid <= 0) throw Error(ErrorKind::system, "criu wrote no process id");
  Fd pidfd(pidfd_open(pid, 0));
  if (!pidfd) throw SysError(errno, "opening the restored process");
  return Child(pid, std::move(pidfd));
}

}  // namespace

Child restore_processes(const std::string& criu, const RestoreRequest& request, const Record& record,
                        const Folder& folder, const cgroup::Cgroup* cgroup) {
  const spec::Spec& spec = *request.container.spec;
  CriuRun run{find_criu(criu), {}, {}, {}};
  Dir images = Dir::open(request.criu.image_path);
  if (!request.criu.work_path.empty()) Dir::open_or_make(request.criu.work_path, 0700);
  CriuRestore restore;
  checked(mkdirat(folder.dir().fd(), kRootFolder, 0700), "making a mount point for criu");
  restore.root = folder.path() + "/" + kRootFolder;
  restore.pid_file = folder.path() + "/" + kPidFile;
  restore.cgroup = record.cgroup;
  restore.mounts = external_mounts(spec, record.bundle);
  inherit_stdio(images, request.container.io, run, restore);
  Fd network = open_joined_network(spec);
  if (network) {
    restore.inherited.push_back({3 + static_cast<int>(run.fds.size()), kExternalNetwork});
    run.fds.push_back(network.get());
  }
  Fd processes;
  if (cgroup != nullptr) processes.reset(openat(cgroup->fd(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
  Surroundings around{record.rootfs.c_str(), restore.root.c_str(), processes.get()};
  run.prepare = enter_surroundings;
  run.context = &around;
  run.arguments = criu_restore_arguments(request, restore);
  run.log = (request.criu.work_path.empty() ? request.criu.image_path : request.criu.work_path) + "/restore.log";
  run_criu(run, "restoring container " + record.id);
  Child first = read_first_process(folder);
  unlinkat(folder.dir().fd(), kPidFile, 0);
  unlinkat(folder.dir().fd(), kRootFolder, AT_REMOVEDIR);
  return first;
}

}  // namespace crun::container
