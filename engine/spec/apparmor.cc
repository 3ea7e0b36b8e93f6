#include "engine/spec/apparmor.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "libcrun/security/label.h"

namespace crun::engine {
namespace {

// Of the files of proc and sys what speaks for the whole host, whatever is masked by mounts; no mounts of its own;
// signals and traces among containers alone, but for what comes from outside.
constexpr std::string_view kProfile = R"(
profile ctr-default flags=(attach_disconnected,mediate_deleted) {
  network,
  capability,
  file,
  unix,
  umount,
  deny mount,
  deny pivot_root,

  signal (receive) peer=unconfined,
  signal (send,receive) peer=ctr-default,
  ptrace (trace,read,tracedby,readby) peer=ctr-default,

  deny /proc/* w,
  deny /proc/{acpi,bus,fs,irq,scsi}/** w,
  deny /proc/sys/[^kn]** w,
  deny /proc/sys/kernel/{?,??,[^s][^h][^m]**} w,
  deny /proc/sysrq-trigger rwklx,
  deny /proc/kcore rwklx,
  deny /proc/kmem rwklx,
  deny /proc/mem rwklx,

  deny /sys/[^f]*/** wklx,
  deny /sys/f[^s]*/** wklx,
  deny /sys/fs/[^c]*/** wklx,
  deny /sys/fs/c[^g]*/** wklx,
  deny /sys/firmware/** rwklx,
  deny /sys/devices/virtual/powercap/** rwklx,
  deny /sys/kernel/security/** rwklx,
}
)";

const char* find_parser() {
  for (const char* path : {"/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"}) {
    if (access(path, X_OK) == 0) return path;
  }
  return nullptr;
}

void load_profile(const char* parser) {
  Fd text(checked(memfd_create("ctr-default", MFD_CLOEXEC), "making the AppArmor profile"));
  write_all(text.get(), kProfile, "the AppArmor profile");
  checked(lseek(text.get(), 0, SEEK_SET), "rewinding the AppArmor profile");
  Pipe said = Pipe::make();
  Program program;
  program.path = parser;
  program.arguments = {"apparmor_parser", "--replace", "--skip-cache", "--quiet"};
  program.fds = {text.get(), -1, said.write_end.get()};
  Child child = spawn(program);
  said.write_end.reset();
  std::string words = read_to_end(said.read_end.get(), 1 << 16, "apparmor_parser's words");
  if (child.wait().shell_code() == 0) return;
  while (!words.empty() && words.back() == '\n') words.pop_back();
  throw Error(ErrorKind::denied, std::string("loading the AppArmor profile ") + kAppArmorDefault + ": " + words +
                                     "; --security-opt apparmor=unconfined does without");
}

}  // namespace

bool has_default_profile() { return security::has_apparmor_profile(kAppArmorDefault).value_or(false); }

void provide_default_profile(const ContainerRequest& request, HostFacts& host) {
  if (host.apparmor_default || request.privileged) return;
  if (!parse_security_options(request.security_opt).apparmor.empty()) return;
  std::optional<bool> loaded = security::has_apparmor_profile(kAppArmorDefault);
  if (!loaded) return;
  const char* parser = *loaded ? nullptr : find_parser();
  if (parser != nullptr) load_profile(parser);
  host.apparmor_default = *loaded || parser != nullptr;
}

}  // namespace crun::engine
