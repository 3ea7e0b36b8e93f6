// (image, request, host) -> runtime-spec: pure functions. Nothing here opens a file or asks the kernel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crun/containers.h"
#include "image/oci/config.h"
#include "libcrun/security/default_profile.h"
#include "libcrun/spec/spec.h"

namespace crun::engine {

// What of this machine decides about a spec.
struct HostFacts {
  security::CapabilityMask capabilities = 0;  // that the kernel knows
  security::KernelVersion kernel;
  spec::SeccompArch arch = spec::SeccompArch::x86_64;
  bool apparmor_default = false;           // the profile kAppArmorDefault is loaded
  unsigned cpus = 1;                       // online
  std::string hostname;                    // of the host, for network "host"
  std::vector<spec::Device> host_devices;  // for `--privileged` alone
};

inline constexpr const char* kAppArmorDefault = "ctr-default";

// The user as numbers, looked up in the rootfs (user.h).
struct ResolvedUser {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::vector<uint32_t> groups;  // supplementary ones
  std::string home = "/";
};

// What a container's first process is to be, before the rootfs is looked at.
struct ProcessRequest {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string working_dir;  // absolute
  std::string user;         // "user[:group]"; empty: root
};

// Entrypoint and command merged as docker does. Throws Error{invalid} where there is no command at all.
ProcessRequest merge_process(const image::ContainerConfig& image, const ContainerRequest& request,
                             const std::string& hostname);

// Puts `override`s ("NAME=value") over `base`, in place where the name is there already.
void override_environment(std::vector<std::string>& base, const std::vector<std::string>& overrides);

// docker's fourteen, with add and drop applied (names with or without CAP_, "ALL"; a drop wins over an add, as in
// docker where neither is ALL). Throws Error{invalid} for a name nobody knows.
std::vector<std::string> container_capabilities(const ContainerRequest& request, security::CapabilityMask available);

// What --security-opt asks for.
struct SecurityOptions {
  bool no_new_privileges = false;
  bool seccomp_unconfined = false;
  std::string seccomp_profile;  // JSON text; empty: the default profile
  std::string apparmor;         // a name, "unconfined", or empty: the default
};
SecurityOptions parse_security_options(const std::vector<std::string>& options);

// text: a seccomp profile as docker (archMap, includes, excludes) or the runtime-spec writes it. Throws Error{invalid}.
spec::Seccomp parse_seccomp_profile(const std::string& text, const std::vector<std::string>& capabilities,
                                    const HostFacts& host);

// Where the engine keeps what it mounts into each container, on the host.
struct ContainerFiles {
  std::string folder;     // holds `hosts`, `hostname` and `resolv.conf`
  std::string init_path;  // ctr-init, for `--init`
};

struct SpecInput {
  const std::string& id;
  const image::ContainerConfig& image;
  const ContainerRequest& request;
  const ResolvedUser& user;
  const ContainerFiles& files;
  const HostFacts& host;
};
spec::Spec make_spec(const SpecInput& input);

// The process of `ctr exec`, in a container of that request.
spec::Process make_exec_process(const SpecInput& input, const ContainerExecRequest& exec);

// The parts of make_spec.
std::vector<spec::Mount> container_mounts(const ContainerRequest& request, const ContainerFiles& files);
spec::Resources container_resources(const ContainerRequest& request);
std::vector<std::string> masked_paths();
std::vector<std::string> readonly_paths();
std::string container_hostname(const ContainerRequest& request, const std::string& id, const HostFacts& host);
spec::Capabilities capability_sets(const std::vector<std::string>& names, uint32_t uid);

// Where the seccomp filter of a container comes from: nothing for none.
std::optional<spec::Seccomp> container_seccomp(const ContainerRequest& request,
                                               const std::vector<std::string>& capabilities, const HostFacts& host);

}  // namespace crun::engine
