// engine/spec: what a user asks for, as a runtime-spec.
#include <doctest/doctest.h>

#include <algorithm>

#include "crun/error.h"
#include "engine/spec/generate.h"
#include "engine/spec/host.h"
#include "engine/spec/validate.h"
#include "libcrun/security/capabilities.h"

using namespace crun;
using namespace crun::engine;

namespace {

HostFacts some_host() {
  HostFacts host;
  host.capabilities = (uint64_t{1} << 41) - 1;
  host.kernel = {6, 1};
  host.cpus = 4;
  host.hostname = "host.example";
  return host;
}

struct Fixture {
  std::string id = std::string(64, 'a');
  image::ContainerConfig image;
  ContainerRequest request;
  ResolvedUser user;
  ContainerFiles files{"/state", "/libexec/ctr-init"};
  HostFacts host = some_host();

  Fixture() {
    request.image = "busybox";
    request.network = "none";
    image.cmd = {{"sh"}};
  }
  spec::Spec make() const { return make_spec({id, image, request, user, files, host}); }
};

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

const spec::Mount* find_mount(const spec::Spec& spec, const std::string& destination) {
  for (const spec::Mount& mount : spec.mounts) {
    if (mount.destination == destination) return &mount;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("entrypoint and command merge as docker's do") {
  Fixture f;
  auto arguments = [&] { return merge_process(f.image, f.request, "h").arguments; };
  CHECK(arguments() == std::vector<std::string>{"sh"});
  f.image.entrypoint = {{"/entry", "-x"}};
  CHECK(arguments() == std::vector<std::string>{"/entry", "-x", "sh"});
  f.request.command = {"a", "b"};
  CHECK(arguments() == std::vector<std::string>{"/entry", "-x", "a", "b"});
  f.request.entrypoint = {{"/other"}};
  CHECK(arguments() == std::vector<std::string>{"/other", "a", "b"});
  // A new entrypoint does not get the image's command.
  f.request.command.clear();
  CHECK(arguments() == std::vector<std::string>{"/other"});
  f.request.entrypoint->clear();
  CHECK_THROWS_AS(arguments(), Error);
}

TEST_CASE("the environment is docker's defaults, then the image's, then the user's") {
  Fixture f;
  f.image.env = {"PATH=/image", "A=image", "B=image"};
  f.request.env = {"A=user", "C=user", "GONE"};
  f.request.tty = true;
  std::vector<std::string> environment = merge_process(f.image, f.request, "name").environment;
  CHECK(environment ==
        std::vector<std::string>{"PATH=/image", "HOSTNAME=name", "TERM=xterm", "A=user", "B=image", "C=user"});
  spec::Spec spec = f.make();
  CHECK(contains(spec.process->env, "HOME=/"));
  f.request.env = {"HOME=/mine"};
  spec = f.make();
  CHECK(std::count_if(spec.process->env.begin(), spec.process->env.end(),
                      [](const std::string& e) { return e.rfind("HOME=", 0) == 0; }) == 1);
}

TEST_CASE("a container's root has docker's fourteen capabilities, others only the bound") {
  Fixture f;
  spec::Spec spec = f.make();
  CHECK(spec.process->capabilities->bounding.size() == 14);
  CHECK(contains(spec.process->capabilities->effective, "CAP_CHOWN"));
  CHECK_FALSE(contains(spec.process->capabilities->bounding, "CAP_SYS_ADMIN"));
  CHECK(spec.process->capabilities->inheritable.empty());
  CHECK(spec.process->capabilities->ambient.empty());
  f.user.uid = 1000;
  spec = f.make();
  CHECK(spec.process->capabilities->bounding.size() == 14);
  CHECK(spec.process->capabilities->effective.empty());
  CHECK(spec.process->capabilities->permitted.empty());
}

TEST_CASE("capabilities are added and dropped, ALL too") {
  Fixture f;
  auto names = [&] { return container_capabilities(f.request, f.host.capabilities); };
  f.request.cap_add = {"sys_admin"};
  f.request.cap_drop = {"CAP_CHOWN"};
  CHECK(contains(names(), "CAP_SYS_ADMIN"));
  CHECK_FALSE(contains(names(), "CAP_CHOWN"));
  f.request.cap_drop = {"ALL"};
  CHECK(names() == std::vector<std::string>{"CAP_SYS_ADMIN"});
  f.request.cap_add = {"all"};
  f.request.cap_drop = {"net_raw"};
  CHECK(names().size() == 40);
  CHECK_FALSE(contains(names(), "CAP_NET_RAW"));
  f.request.cap_add = {"nonsense"};
  CHECK_THROWS_WITH(names(), "--cap-add: unknown capability 'nonsense'; see capabilities(7)");
}

TEST_CASE("a container gets six namespaces, and the host's network only on demand") {
  Fixture f;
  CHECK(f.make().linux.namespaces.size() == 6);
  CHECK(f.make().linux.find_namespace(spec::NamespaceType::network) != nullptr);
  CHECK(f.make().hostname == std::string(12, 'a'));
  f.request.network = "host";
  CHECK(f.make().linux.find_namespace(spec::NamespaceType::network) == nullptr);
  CHECK(f.make().hostname == "host.example");
}

TEST_CASE("the kernel's filesystems are guarded unless the container is privileged") {
  Fixture f;
  spec::Spec spec = f.make();
  CHECK(contains(find_mount(spec, "/sys")->options, "ro"));
  CHECK(contains(find_mount(spec, "/sys/fs/cgroup")->options, "ro"));
  CHECK(contains(spec.linux.masked_paths, "/proc/kcore"));
  CHECK(contains(spec.linux.readonly_paths, "/proc/sys"));
  CHECK(spec.linux.seccomp.has_value());
  CHECK_FALSE(spec.linux.resources.devices[0].allow);
  f.request.privileged = true;
  spec = f.make();
  CHECK(contains(find_mount(spec, "/sys")->options, "rw"));
  CHECK(spec.linux.masked_paths.empty());
  CHECK(spec.linux.readonly_paths.empty());
  CHECK_FALSE(spec.linux.seccomp.has_value());
  CHECK(spec.process->capabilities->bounding.size() == 41);
}

TEST_CASE("mounts of the user come after ours, parents first, and replace ours in the same place") {
  Fixture f;
  BindMount deep{"/src", "/data/deep/er", true, false, ""};
  BindMount shallow{"/src2", "/data", false, false, "rslave"};
  BindMount hosts{"/my/hosts", "/etc/hosts/", false, false, ""};
  f.request.mounts = {deep, shallow, hosts};
  f.request.tmpfs = {{"/dev/shm", "size=1g"}};
  spec::Spec spec = f.make();
  auto place = [&](const std::string& destination) { return find_mount(spec, destination) - spec.mounts.data(); };
  CHECK(place("/data") < place("/data/deep/er"));
  CHECK(contains(find_mount(spec, "/data/deep/er")->options, "ro"));
  CHECK(contains(find_mount(spec, "/data")->options, "rslave"));
  CHECK(find_mount(spec, "/etc/hosts")->source == "/my/hosts");
  CHECK(std::count_if(spec.mounts.begin(), spec.mounts.end(),
                      [](const spec::Mount& m) { return m.destination == "/dev/shm"; }) == 1);
  CHECK(contains(find_mount(spec, "/dev/shm")->options, "size=1g"));
  CHECK(place("/dev") < place("/dev/shm"));
}

TEST_CASE("limits become resources") {
  Fixture f;
  f.request.memory = 64 << 20;
  f.request.nano_cpus = 1'500'000'000;
  f.request.pids_limit = 50;
  spec::Resources resources = container_resources(f.request);
  CHECK(resources.memory->limit == 64 << 20);
  CHECK(resources.memory->swap == 128 << 20);
  CHECK(resources.cpu->quota == 150'000);
  CHECK(resources.cpu->period == 100'000);
  CHECK(resources.pids_limit == 50);
  f.request.memory_swap = -1;
  CHECK(container_resources(f.request).memory->swap == -1);
}

TEST_CASE("security options") {
  SecurityOptions options = parse_security_options({"no-new-privileges", "seccomp=unconfined", "apparmor=mine"});
  CHECK(options.no_new_privileges);
  CHECK(options.seccomp_unconfined);
  CHECK(options.apparmor == "mine");
  CHECK_FALSE(parse_security_options({"no-new-privileges:false"}).no_new_privileges);
  CHECK_THROWS_AS(parse_security_options({"label=disable"}), Error);
  CHECK_THROWS_AS(parse_security_options({"no-new-privileges=maybe"}), Error);
}

TEST_CASE("a profile in docker's form counts by capabilities, architecture and kernel") {
  HostFacts host = some_host();
  const std::string text = R"({"defaultAction":"SCMP_ACT_ERRNO","archMap":[
    {"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},{"architecture":"SCMP_ARCH_AARCH64"}],
    "syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},
    {"names":["mount"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
    {"names":["clone"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_SYS_ADMIN"]}},
    {"names":["breakpoint"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["arm"]}},
    {"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}},
    {"names":["future"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"99.1"}}]})";
  auto names = [&](const std::vector<std::string>& capabilities) {
    std::vector<std::string> result;
    for (const auto& rule : parse_seccomp_profile(text, capabilities, host).syscalls) {
      result.insert(result.end(), rule.names.begin(), rule.names.end());
    }
    return result;
  };
  CHECK(names({}) == std::vector<std::string>{"read", "clone", "ptrace"});
  CHECK(names({"CAP_SYS_ADMIN"}) == std::vector<std::string>{"read", "mount", "ptrace"});
  CHECK(parse_seccomp_profile(text, {}, host).architectures.size() == 2);
  CHECK_THROWS_AS(parse_seccomp_profile("[]", {}, host), Error);
}

TEST_CASE("--init stands before the command, in the container's own /dev") {
  Fixture f;
  f.request.init = true;
  spec::Spec spec = f.make();
  CHECK(spec.process->args == std::vector<std::string>{"/dev/init", "--", "sh"});
  CHECK(find_mount(spec, "/dev/init")->source == "/libexec/ctr-init");
}

TEST_CASE("requests are refused by the option that is wrong") {
  Fixture f;
  auto refused = [&](const char* text) {
    try {
      validate(f.request, f.host);
      return std::string("accepted");
    } catch (const Error& error) {
      return error.text().find(text) != std::string::npos ? std::string() : error.text();
    }
  };
  CHECK_NOTHROW(validate(f.request, f.host));
  f.request.memory = 1000;
  CHECK(refused("--memory: at least 6m") == "");
  f.request.memory.reset();
  f.request.nano_cpus = int64_t{5'000'000'000};
  CHECK(refused("--cpus: this host gives 0.01 to 4") == "");
  f.request.nano_cpus.reset();
  f.request.network = "bridge";
  CHECK(refused("--network 'bridge'") == "");
  f.request.network = "none";
  f.request.name = "-bad";
  CHECK(refused("container name '-bad'") == "");
  f.request.name = "good_name.1-x";
  f.request.env = {"=x"};
  CHECK(refused("no variable's name") == "");
  f.request.env.clear();
  f.request.mounts = {{"/does/not/exist", "/x", false, false, ""}};
  CHECK(refused("bind source /does/not/exist does not exist") == "");
  f.request.mounts = {{"/tmp", "/", false, false, ""}};
  CHECK(refused("destination must not be '/'") == "");
  f.request.mounts = {{"relative", "/x", false, false, ""}};
  CHECK(refused("not an absolute path") == "");
}

TEST_CASE("signals by name and number") {
  CHECK(parse_signal("SIGTERM") == 15);
  CHECK(parse_signal("term") == 15);
  CHECK(parse_signal("9") == 9);
  CHECK(parse_signal("RTMIN+3") == 37);
  CHECK(parse_signal("SIGRTMAX-1") == 63);
  for (const char* bad : {"", "0", "65", "SIGNOPE", "RTMIN+x", "RTMIN+31", "-9", "1000000"}) {
    CHECK_THROWS_AS(parse_signal(bad), Error);
  }
}

TEST_CASE("resolv.conf leaves the host's loopback servers out") {
  std::string text = "search a.example\nnameserver 127.0.0.1\nnameserver 10.0.0.1\nnameserver ::1\noptions edns0\n";
  CHECK(container_resolv_conf(text, false) == "search a.example\nnameserver 10.0.0.1\noptions edns0\n");
  CHECK(container_resolv_conf(text, true) == text);
}
