#include "libcrun/security/label.h"

#include <fcntl.h>
#include <sys/vfs.h>

#include <algorithm>

#include "base/file.h"
#include "crun/error.h"
#include "crun/fd.h"

namespace crun::security {
namespace {

constexpr long kSelinuxMagic = 0xf97cff8c;  // <linux/magic.h>

// A line "name (mode)" of AppArmor's list. The list is long on a desktop, and a name may hold spaces.
bool lists_profile(std::string_view list, std::string_view profile) {
  for (size_t start = 0; start < list.size();) {
    size_t end = std::min(list.find('\n', start), list.size());
    std::string_view line = list.substr(start, end - start);
    if (line.size() > profile.size() && line.substr(0, profile.size()) == profile &&
        line.substr(profile.size(), 2) == " (") {
      return true;
    }
    start = end + 1;
  }
  return false;
}

// Nothing where securityfs is not mounted, as in most containers.
std::optional<std::string> loaded_profiles() {
  Fd fd(open("/sys/kernel/security/apparmor/profiles", O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  return read_to_end(fd.get(), 4 << 20, "AppArmor's list of profiles");
}

}  // namespace

bool apparmor_enabled() {
  Fd fd(open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC));
  return fd && read_to_end(fd.get(), 16, "AppArmor's state").substr(0, 1) == "Y";
}

std::optional<bool> has_apparmor_profile(std::string_view profile) {
  std::optional<std::string> loaded = apparmor_enabled() ? loaded_profiles() : std::nullopt;
  if (!loaded) return std::nullopt;
  return lists_profile(*loaded, profile);
}

bool selinux_enabled() {
  struct statfs status {};
  return statfs("/sys/fs/selinux", &status) == 0 && static_cast<long>(status.f_type) == kSelinuxMagic;
}

std::optional<ExecLabel> apparmor_label(std::string_view profile) {
  if (profile.empty()) return std::nullopt;
  if (!apparmor_enabled()) {
    if (profile == "unconfined") return std::nullopt;
    throw Error(ErrorKind::unsupported, "process.apparmorProfile: '" + std::string(profile) +
                                            "' is asked for, and AppArmor is not enabled in this kernel");
  }
  std::optional<std::string> loaded = profile == "unconfined" ? std::nullopt : loaded_profiles();
  if (loaded && !lists_profile(*loaded, profile)) {
    throw Error(ErrorKind::not_found, "process.apparmorProfile: the profile '" + std::string(profile) +
                                          "' is not loaded; load it with apparmor_parser");
  }
  return ExecLabel{{"attr/apparmor/exec", "attr/exec"}, "exec " + std::string(profile)};
}

std::optional<ExecLabel> selinux_label(std::string_view label) {
  if (label.empty()) return std::nullopt;
  if (!selinux_enabled()) {
    throw Error(ErrorKind::unsupported, "process.selinuxLabel: '" + std::string(label) +
                                            "' is asked for, and SELinux is not enabled in this kernel");
  }
  return ExecLabel{{"attr/exec", ""}, std::string(label)};
}

}  // namespace crun::security
