#include "libcrun/process/child_error.h"

#include <cerrno>

#include "crun/error.h"
#include "libcrun/security/capabilities.h"
#include "libcrun/spec/names.h"

namespace crun::process {
namespace {

template <typename List>
const typename List::value_type* item(const List& list, int index) {
  if (index < 0 || static_cast<size_t>(index) >= list.size()) return nullptr;
  return &list[static_cast<size_t>(index)];
}

std::string mount_text(const rootfs::RootPlan& root, const Message& failure) {
  const rootfs::MountStep* step = item(root.mounts, failure.index);
  if (step == nullptr) return "mounting";
  if (step->kind == rootfs::MountKind::remount) return "changing the mount on " + step->target;
  if (step->kind == rootfs::MountKind::link) return "making the link " + step->target;
  const bool tree = step->kind == rootfs::MountKind::tree && step->type != "tmpfs";
  std::string text = "mounting " + (tree ? step->source : step->type) + " on " + step->target;
  // What the kernel says of both is "invalid argument".
  if (tree && (failure.error == EINVAL || failure.error == ENOTDIR))
    text += " (a folder can be mounted on a folder alone, a file on a file)";
  return text;
}

std::string root_text(const Message& failure, const rootfs::RootPlan& root) {
  auto path_of = [&](const auto& list) -> std::string {
    const auto* found = item(list, failure.index);
    return found == nullptr ? "" : *found;
  };
  switch (failure.step) {
    case Step::attach_root: return "attaching the root " + root.path;
    case Step::mount: return mount_text(root, failure);
    case Step::mask: return "masking " + path_of(root.masked);
    case Step::read_only: return "making " + path_of(root.read_only_paths) + " read-only";
    case Step::device: {
      const rootfs::DeviceStep* step = item(root.devices, failure.index);
      std::string text = "making device " + (step == nullptr ? "" : step->path);
      return failure.error == EEXIST ? text + " (something else is there)" : text;
    }
    case Step::link: {
      const rootfs::LinkStep* step = item(root.links, failure.index);
      return "making link /dev/" + (step == nullptr ? "" : step->name);
    }
    default: return "";
  }
}

std::string plan_text(const Message& failure, const Plan& plan) {
  if (plan.root) {
    std::string text = root_text(failure, *plan.root);
    if (!text.empty()) return text;
  }
  if (failure.step == Step::join_namespace) {
    const ns::Joined* joined = item(plan.namespaces.joined, failure.index);
    std::string path = joined == nullptr ? "" : joined->path;
    return path.empty() ? "joining the container's namespaces" : "joining namespace " + path;
  }
  if (failure.step == Step::sysctl) {
    const Sysctl* sysctl = item(plan.sysctls, failure.index);
    return "setting sysctl " + (sysctl == nullptr ? "" : sysctl->name);
  }
  if (failure.step == Step::loopback) return "bringing up the loopback interface";
  if (failure.step == Step::hostname) return "setting hostname " + plan.hostname;
  if (failure.step == Step::domainname) return "setting domainname " + plan.domainname;
  return "";
}

std::string capability_text(std::string_view what, int index) {
  return std::string(what) + " " + std::string(security::capability_name(index));
}

std::string unmapped_text(const Message& failure) {
  return failure.error == EINVAL ? " (the user namespace does not map it)" : "";
}

std::string process_text(const Message& failure, const spec::Process& process) {
  switch (failure.step) {
    case Step::rlimit: {
      const spec::Rlimit* limit = item(process.rlimits, failure.index);
      std::string name(limit == nullptr ? "" : spec::rlimit_name(limit->resource));
      return "setting " + name + (failure.error == EPERM ? " (raising a hard limit needs CAP_SYS_RESOURCE)" : "");
    }
    case Step::scheduler:
      return "setting the scheduler " + std::string(spec::name_of(process.scheduler->policy)) +
             (failure.error == EPERM ? " (it needs CAP_SYS_NICE)" : "");
    case Step::io_priority:
      return "setting the I/O priority " + std::string(spec::name_of(process.io_priority->priority_class)) +
             (failure.error == EPERM ? " (it needs CAP_SYS_NICE or CAP_SYS_ADMIN)" : "");
    case Step::affinity: return "setting the cpu affinity " + process.exec_cpu_affinity->final;
    case Step::label: return "setting the security label " + process.apparmor_profile + process.selinux_label;
    case Step::working_directory:
      if (failure.error == EXDEV) return "changing to " + process.cwd + ": it is outside the container's root";
      return "changing to the working directory " + process.cwd;
    case Step::user: return "becoming user " + std::to_string(process.user.uid) + unmapped_text(failure);
    case Step::group: return "becoming group " + std::to_string(process.user.gid) + unmapped_text(failure);
    default: return "";
  }
}

// Of steps that have one object, or none.
std::string plain_text(const Message& failure) {
  switch (failure.step) {
    case Step::guard: return "guarding the container's first process";
    case Step::signals: return "resetting signals";
    case Step::session: return "starting a session";
    case Step::keyring: return "making a session keyring";
    case Step::cgroup_namespace: return "making a cgroup namespace";
    case Step::time_namespace: return "making a time namespace with linux.timeOffsets";
    case Step::user_namespace: return "becoming root in the user namespace";
    case Step::entry: return "cloning the container's process in its user namespace";
    case Step::propagation: return "cutting the mount propagation to the host";
    case Step::terminal: return "opening a terminal by the container's /dev/pts/ptmx";
    case Step::null_device: return "opening the container's /dev/null";
    case Step::console: return "mounting the terminal on /dev/console";
    case Step::root_options: return "setting the root's mount options";
    case Step::pivot: return "changing the root";
    case Step::private_proc: return "mounting a procfs for our own use";
    case Step::stage: return "starting the stage";
    case Step::memory_policy: return "setting linux.memoryPolicy";
    case Step::personality: return "setting linux.personality";
    case Step::groups:
      return "setting supplementary groups" +
             std::string(failure.error == EPERM ? " (a user namespace without newgidmap's maps takes none)" : "");
    case Step::bounding: return capability_text("dropping", failure.index);
    case Step::capabilities: return "setting capabilities";
    case Step::ambient: return capability_text("raising ambient", failure.index);
    case Step::no_new_privileges: return "setting no_new_privs";
    case Step::seccomp: return "loading the seccomp filter";
    case Step::death_signal: return "arming the death signal";
    case Step::wait_for_start: return "waiting for the start (the seccomp profile must allow read)";
    default:
      return "starting the container's process (step " + std::to_string(static_cast<unsigned>(failure.step)) + ")";
  }
}

}  // namespace

void throw_child_error(const Message& failure, const Plan& plan, const spec::Process& process) {
  std::string text = plan_text(failure, plan);
  if (text.empty()) text = process_text(failure, process);
  if (text.empty()) text = plain_text(failure);
  throw SysError(failure.error, text);
}

void throw_late_error(const Message& failure) { throw SysError(failure.error, plain_text(failure)); }

}  // namespace crun::process
