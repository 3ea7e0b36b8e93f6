#include "libcrun/process/child_error.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cerrno>

#include "crun/error.h"

using namespace crun;
using namespace crun::process;

namespace {

std::string text_of(const Plan& plan, const spec::Process& process, Step step, int error, int index) {
  try {
    throw_child_error(Message{MessageType::failed, step, error, index}, plan, process);
  } catch (const SysError& thrown) {
    CHECK(thrown.errno_value() == error);
    return thrown.text();
  }
}

}  // namespace

TEST_CASE("each error names its object") {
  Plan plan;
  plan.root.emplace();
  rootfs::MountStep mount;
  mount.type = "tmpfs";
  mount.target = "/dev";
  plan.root->mounts.push_back(std::move(mount));
  plan.root->masked = {"/proc/kcore"};
  plan.sysctls = {{"net.ipv4.ip_forward", "sys/net/ipv4/ip_forward", "1"}};
  spec::Process process;
  process.cwd = "/work";
  process.rlimits = {{RLIMIT_NOFILE, 1, 1}};
  CHECK(text_of(plan, process, Step::mount, EPERM, 0) == "mounting tmpfs on /dev: operation not permitted");
  CHECK(text_of(plan, process, Step::mask, EACCES, 0) == "masking /proc/kcore: permission denied");
  CHECK(text_of(plan, process, Step::sysctl, EINVAL, 0) == "setting sysctl net.ipv4.ip_forward: invalid argument");
  CHECK(text_of(plan, process, Step::rlimit, EPERM, 0).find("RLIMIT_NOFILE") != std::string::npos);
  CHECK(text_of(plan, process, Step::working_directory, ENOENT, -1) ==
        "changing to the working directory /work: no such file or directory");
  CHECK(text_of(plan, process, Step::bounding, EPERM, 21) == "dropping CAP_SYS_ADMIN: operation not permitted");
}

TEST_CASE("an index out of its list is survived") {
  Plan plan;
  plan.root.emplace();
  CHECK(text_of(plan, {}, Step::mount, EPERM, 99).rfind("mounting", 0) == 0);
  CHECK(text_of(plan, {}, Step::rlimit, EPERM, -1).rfind("setting", 0) == 0);
}

TEST_CASE("no step is without a text") {
  Plan plan;
  spec::Process process;
  process.scheduler.emplace();
  process.io_priority.emplace();
  process.exec_cpu_affinity.emplace();
  for (uint32_t step = 1; step < static_cast<uint32_t>(Step::execute); ++step) {
    std::string text = text_of(plan, process, static_cast<Step>(step), EPERM, 0);
    CAPTURE(step);
    bool without = text.find("(step ") != std::string::npos;
    // Of a plan with a root these have one; here there is none.
    bool needs_root = static_cast<Step>(step) == Step::attach_root || static_cast<Step>(step) == Step::mount ||
                      static_cast<Step>(step) == Step::device || static_cast<Step>(step) == Step::link ||
                      static_cast<Step>(step) == Step::mask || static_cast<Step>(step) == Step::read_only;
    CHECK(without == needs_root);
  }
}
