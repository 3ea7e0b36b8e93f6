#include "engine/spec/generate.h"

#include <algorithm>

#include "crun/error.h"

namespace crun::engine {
namespace {

using spec::NamespaceType;

bool host_network(const ContainerRequest& request) { return request.network == "host"; }

std::vector<spec::Namespace> namespaces(const ContainerRequest& request) {
  std::vector<spec::Namespace> result;
  auto add = [&](NamespaceType type) {
    spec::Namespace entry;
    entry.type = type;
    result.push_back(entry);
  };
  add(NamespaceType::mount);
  add(NamespaceType::pid);
  add(NamespaceType::uts);
  add(NamespaceType::ipc);
  add(NamespaceType::cgroup);
  if (!host_network(request)) add(NamespaceType::network);
  return result;
}

std::string apparmor_profile(const SecurityOptions& security, const ContainerRequest& request, const HostFacts& host) {
  if (!security.apparmor.empty()) return security.apparmor == "unconfined" ? "" : security.apparmor;
  return host.apparmor_default && !request.privileged ? kAppArmorDefault : "";
}

spec::Process make_process(const SpecInput& input, const ProcessRequest& process, const ContainerRequest& request,
                           const std::vector<std::string>& capabilities) {
  SecurityOptions security = parse_security_options(request.security_opt);
  spec::Process result;
  result.terminal = request.tty;
  result.user.uid = input.user.uid;
  result.user.gid = input.user.gid;
  result.user.additional_gids = input.user.groups;
  result.args = process.arguments;
  result.env = process.environment;
  auto has_home = [](const std::string& entry) { return entry.rfind("HOME=", 0) == 0; };
  if (std::none_of(result.env.begin(), result.env.end(), has_home)) result.env.push_back("HOME=" + input.user.home);
  result.cwd = process.working_dir;
  result.capabilities = capability_sets(capabilities, input.user.uid);
  result.no_new_privileges = security.no_new_privileges;
  result.apparmor_profile = apparmor_profile(security, request, input.host);
  return result;
}

void add_linux(const SpecInput& input, const std::vector<std::string>& capabilities, spec::Linux& linux) {
  const ContainerRequest& request = input.request;
  linux.namespaces = namespaces(request);
  linux.cgroups_path = "/ctr/" + input.id;
  linux.resources = container_resources(request);
  linux.seccomp = container_seccomp(request, capabilities, input.host);
  if (request.privileged) {
    linux.devices = input.host.host_devices;
    return;
  }
  linux.masked_paths = masked_paths();
  linux.readonly_paths = readonly_paths();
}

}  // namespace

std::string container_hostname(const ContainerRequest& request, const std::string& id, const HostFacts& host) {
  if (!request.hostname.empty()) return request.hostname;
  return host_network(request) && !host.hostname.empty() ? host.hostname : id.substr(0, 12);
}

std::optional<spec::Seccomp> container_seccomp(const ContainerRequest& request,
                                               const std::vector<std::string>& capabilities, const HostFacts& host) {
  SecurityOptions security = parse_security_options(request.security_opt);
  if (security.seccomp_unconfined) return std::nullopt;
  if (!security.seccomp_profile.empty()) return parse_seccomp_profile(security.seccomp_profile, capabilities, host);
  if (request.privileged) return std::nullopt;
  security::CapabilityMask mask = 0;
  for (const std::string& name : capabilities) mask |= security::CapabilityMask{1} << *security::find_capability(name);
  return security::default_seccomp(mask, host.arch, host.kernel);
}

spec::Spec make_spec(const SpecInput& input) {
  const ContainerRequest& request = input.request;
  std::vector<std::string> capabilities = container_capabilities(request, input.host.capabilities);
  spec::Spec result;
  result.oci_version = spec::kVersion;
  result.hostname = container_hostname(request, input.id, input.host);
  result.root.path = "rootfs";  // its mount is handed over by descriptor; the spec wants a name
  result.root.readonly = request.read_only;
  result.mounts = container_mounts(request, input.files);
  ProcessRequest process = merge_process(input.image, request, result.hostname);
  if (request.init) process.arguments.insert(process.arguments.begin(), {"/dev/init", "--"});
  result.process = make_process(input, process, request, capabilities);
  add_linux(input, capabilities, result.linux);
  return result;
}

spec::Process make_exec_process(const SpecInput& input, const ContainerExecRequest& exec) {
  // What the container was asked for, less what belongs to its first process.
  ContainerRequest request = input.request;
  request.command = exec.command;
  request.entrypoint.emplace();
  request.tty = exec.tty;
  request.env.insert(request.env.end(), exec.env.begin(), exec.env.end());
  if (!exec.working_dir.empty()) request.working_dir = exec.working_dir;
  request.privileged = request.privileged || exec.privileged;
  std::string hostname = container_hostname(request, input.id, input.host);
  ProcessRequest process = merge_process(input.image, request, hostname);
  return make_process(input, process, request, container_capabilities(request, input.host.capabilities));
}

}  // namespace crun::engine
