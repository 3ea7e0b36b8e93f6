#include "libcrun/security/seccomp.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crun/error.h"
#include "libcrun/security/default_profile.h"
#include "tests/unit/libcrun/security/run_filter.h"

namespace crun::security {
namespace {

using spec::SeccompAction;
using spec::SeccompOperator;

uint32_t call(const SeccompFilter& filter, int number, std::vector<uint64_t> args = {},
              uint32_t arch = AUDIT_ARCH_X86_64) {
  seccomp_data data{};
  data.nr = number;
  data.arch = arch;
  for (size_t i = 0; i < args.size(); ++i) data.args[i] = args[i];
  return run_filter(filter.program, data);
}

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;

spec::Seccomp profile_of(SeccompAction default_action, std::vector<spec::SyscallRule> rules) {
  spec::Seccomp profile;
  profile.default_action = default_action;
  profile.architectures = {spec::SeccompArch::x86_64};
  profile.syscalls = std::move(rules);
  return profile;
}

#if defined(__x86_64__)

TEST_CASE("the default profile, as the kernel would run it") {
  SeccompFilter filter = compile_seccomp(default_seccomp(0, spec::SeccompArch::x86_64, {6, 1}));
  CHECK(call(filter, SYS_read) == kAllow);
  CHECK(call(filter, SYS_mount) == kEperm);
  CHECK(call(filter, SYS_keyctl) == kEperm);
  CHECK(call(filter, SYS_clone3) == kEnosys);
  CHECK(call(filter, SYS_clone, {0}) == kAllow);
  CHECK(call(filter, SYS_clone, {CLONE_NEWUSER}) == kEperm);
  CHECK(call(filter, SYS_socket, {1}) == kAllow);
  CHECK(call(filter, SYS_socket, {40}) == kEperm);  // AF_VSOCK
  CHECK(call(filter, SYS_personality, {0x0008}) == kAllow);
  CHECK(call(filter, SYS_personality, {0x0001}) == kEperm);
  CHECK(call(filter, 3, {}, AUDIT_ARCH_I386) == kAllow);   // read
  CHECK(call(filter, 21, {}, AUDIT_ARCH_I386) == kEperm);  // mount
  CHECK(call(filter, SYS_read, {}, AUDIT_ARCH_AARCH64) == SECCOMP_RET_KILL_THREAD);
}

TEST_CASE("calls newer than libseccomp: named ones are allowed, unheard-of ones are not there") {
  SeccompFilter filter = compile_seccomp(default_seccomp(0, spec::SeccompArch::x86_64, {6, 1}));
  CHECK(call(filter, 452) == kAllow);  // fchmodat2
  CHECK(call(filter, 462) == kAllow);  // mseal
  CHECK(call(filter, 462, {}, AUDIT_ARCH_I386) == kAllow);
  CHECK(call(filter, 466) == kAllow);  // removexattrat, the last that the profile names
  CHECK(call(filter, 467) == kEnosys);
  CHECK(call(filter, 1000) == kEnosys);
  CHECK(call(filter, 1000, {}, AUDIT_ARCH_I386) == kEnosys);
  CHECK(call(filter, 429) == kEperm);  // move_mount: older than the profile, and not listed
  CHECK(call(filter, 462, {}, AUDIT_ARCH_AARCH64) == SECCOMP_RET_KILL_THREAD);
  CHECK(call(filter, 0x40000000 | 1000) == kEperm);  // x32's
  CHECK(call(filter, -1) == kEperm);
}

TEST_CASE("a profile that lists what is forbidden leaves the rest alone") {
  SeccompFilter filter =
      compile_seccomp(profile_of(SeccompAction::allow, {{{"mkdir", "mseal"}, SeccompAction::error_number, 13, {}}}));
  CHECK(call(filter, SYS_mkdir) == (SECCOMP_RET_ERRNO | EACCES));
  CHECK(call(filter, 462) == (SECCOMP_RET_ERRNO | EACCES));
  CHECK(call(filter, 1000) == kAllow);
}

TEST_CASE("a short, old profile") {
  SeccompFilter filter =
      compile_seccomp(profile_of(SeccompAction::error_number, {{{"read"}, SeccompAction::allow, {}, {}}}));
  CHECK(call(filter, SYS_read) == kAllow);
  CHECK(call(filter, SYS_write) == kEperm);
  CHECK(call(filter, 1000) == kEperm);
}

TEST_CASE("every action") {
  auto result = [](SeccompAction action, std::optional<uint32_t> number = {}) {
    return call(compile_seccomp(profile_of(SeccompAction::allow, {{{"mkdir"}, action, number, {}}})), SYS_mkdir);
  };
  CHECK(result(SeccompAction::kill) == SECCOMP_RET_KILL_THREAD);
  CHECK(result(SeccompAction::kill_thread) == SECCOMP_RET_KILL_THREAD);
  CHECK(result(SeccompAction::kill_process) == SECCOMP_RET_KILL_PROCESS);
  CHECK(result(SeccompAction::trap) == SECCOMP_RET_TRAP);
  CHECK(result(SeccompAction::error_number) == kEperm);
  CHECK(result(SeccompAction::error_number, 5) == (SECCOMP_RET_ERRNO | 5));
  CHECK(result(SeccompAction::trace, 7) == (SECCOMP_RET_TRACE | 7));
  CHECK(result(SeccompAction::log) == SECCOMP_RET_LOG);
  CHECK_THROWS_AS(result(SeccompAction::error_number, 4096), Error);
}

TEST_CASE("every operator, and two conditions") {
  auto result = [](std::vector<spec::SyscallArg> args, std::vector<uint64_t> given) {
    return call(compile_seccomp(profile_of(SeccompAction::error_number, {{{"write"}, SeccompAction::allow, {}, args}})),
                SYS_write, std::move(given)) == kAllow;
  };
  CHECK(result({{0, 5, 0, SeccompOperator::equal}}, {5}));
  CHECK_FALSE(result({{0, 5, 0, SeccompOperator::equal}}, {5 | 1ULL << 32}));
  CHECK(result({{0, 5, 0, SeccompOperator::not_equal}}, {6}));
  CHECK(result({{1, 5, 0, SeccompOperator::less}}, {9, 4}));
  CHECK_FALSE(result({{1, 5, 0, SeccompOperator::less}}, {9, 5}));
  CHECK(result({{0, 5, 0, SeccompOperator::less_equal}}, {5}));
  CHECK(result({{0, 5, 0, SeccompOperator::greater_equal}}, {5}));
  CHECK_FALSE(result({{0, 5, 0, SeccompOperator::greater}}, {5}));
  CHECK(result({{0, 0xf0, 0x30, SeccompOperator::masked_equal}}, {0x35}));
  CHECK_FALSE(result({{0, 0xf0, 0x30, SeccompOperator::masked_equal}}, {0x45}));
  std::vector<spec::SyscallArg> both = {{0, 1, 0, SeccompOperator::equal}, {1, 2, 0, SeccompOperator::equal}};
  CHECK(result(both, {1, 2}));
  CHECK_FALSE(result(both, {1, 3}));
  std::vector<spec::SyscallArg> either = {{0, 1, 0, SeccompOperator::equal}, {0, 2, 0, SeccompOperator::equal}};
  CHECK(result(either, {2}));
  CHECK_FALSE(result(either, {3}));
}

#endif

TEST_CASE("flags") {
  spec::Seccomp profile = profile_of(SeccompAction::allow, {});
  profile.flags = {spec::SeccompFlag::log, spec::SeccompFlag::tsync};
  CHECK(seccomp_flags(profile) == (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_TSYNC));
  profile.flags->clear();
  CHECK(seccomp_flags(profile) == 0);
}

struct Cache {
  Cache() : path(mkdtemp(name)), dir(Dir::open(path)) {}
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  ~Cache() { Dir::open("/tmp").remove_tree(path.substr(5)); }
  std::string only_entry() {
    REQUIRE(dir.list().size() == 1);
    return dir.list()[0];
  }
  char name[32] = "/tmp/seccomp_test.XXXXXX";
  std::string path;
  Dir dir;
};

bool same(const SeccompFilter& left, const SeccompFilter& right) {
  return left.flags == right.flags && left.program.size() == right.program.size() &&
         std::memcmp(left.program.data(), right.program.data(), left.program.size() * sizeof(sock_filter)) == 0;
}

spec::Seccomp small(std::string name) {
  return profile_of(SeccompAction::allow, {{{std::move(name)}, SeccompAction::error_number, {}, {}}});
}

TEST_CASE("the cache gives what compiling gives, and is read, not only written") {
  Cache cache;
  SeccompFilter compiled = compile_seccomp(small("mkdir"));
  CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
  CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
  // Proof that the second came from the file: change an instruction in it.
  std::string content = cache.dir.read_file(cache.only_entry(), 1 << 20);
  content[content.size() - 1] = static_cast<char>(content[content.size() - 1] ^ 1);
  cache.dir.replace_file(cache.only_entry(), content, 0600, false);
  CHECK_FALSE(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
}

TEST_CASE("another profile's file under our name is not used, whatever its hash") {
  Cache cache;
  cached_seccomp(small("mkdir"), cache.dir);
  std::string entry = cache.only_entry();
  std::string mkdir_content = cache.dir.read_file(entry, 1 << 20);
  cache.dir.remove_tree(entry);
  cached_seccomp(small("rmdir"), cache.dir);
  cache.dir.replace_file(cache.only_entry(), mkdir_content, 0600, false);
  CHECK(same(cached_seccomp(small("rmdir"), cache.dir), compile_seccomp(small("rmdir"))));
}

TEST_CASE("a file that is cut, empty, foreign or a link is compiled anew") {
  Cache cache;
  SeccompFilter compiled = cached_seccomp(small("mkdir"), cache.dir);
  std::string entry = cache.only_entry();
  std::string whole = cache.dir.read_file(entry, 1 << 20);
  for (const std::string& bad : {std::string(), whole.substr(0, 10), whole.substr(0, whole.size() - 1), whole + "x",
                                 std::string("x") + whole.substr(1)}) {
    cache.dir.replace_file(entry, bad, 0600, false);
    CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
    CHECK(cache.dir.read_file(entry, 1 << 20) == whole);
  }
  REQUIRE(unlinkat(cache.dir.fd(), entry.c_str(), 0) == 0);
  REQUIRE(mkfifoat(cache.dir.fd(), entry.c_str(), 0600) == 0);
  CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
  REQUIRE(unlinkat(cache.dir.fd(), entry.c_str(), 0) == 0);
  REQUIRE(symlinkat("/etc/passwd", cache.dir.fd(), entry.c_str()) == 0);
  CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
}

TEST_CASE("neither a folder nor a file that others may write to is trusted") {
  Cache cache;
  SeccompFilter compiled = cached_seccomp(small("mkdir"), cache.dir);
  std::string entry = cache.only_entry();
  std::string content = cache.dir.read_file(entry, 1 << 20);
  content[content.size() - 1] = static_cast<char>(content[content.size() - 1] ^ 1);
  cache.dir.replace_file(entry, content, 0600, false);
  REQUIRE(fchmodat(cache.dir.fd(), entry.c_str(), 0666, 0) == 0);
  CHECK(same(cached_seccomp(small("mkdir"), cache.dir), compiled));
  REQUIRE(chmod(cache.path.c_str(), 0777) == 0);
  CHECK_THROWS_AS(cached_seccomp(small("mkdir"), cache.dir), Error);
}

TEST_CASE("every part of a profile is part of its key") {
  Cache cache;
  auto entries_after = [&](const spec::Seccomp& profile) {
    cached_seccomp(profile, cache.dir);
    return cache.dir.list().size();
  };
  spec::Seccomp profile = small("write");
  CHECK(entries_after(profile) == 1);
  profile.syscalls[0].errno_ret = 2;
  CHECK(entries_after(profile) == 2);
  profile.syscalls[0].args = {{0, 1, 0, SeccompOperator::equal}};
  CHECK(entries_after(profile) == 3);
  profile.syscalls[0].args[0].op = SeccompOperator::masked_equal;
  CHECK(entries_after(profile) == 4);
  profile.syscalls[0].args[0].value_two = 1;
  CHECK(entries_after(profile) == 5);
  profile.architectures.push_back(spec::SeccompArch::x86);
  CHECK(entries_after(profile) == 6);
  profile.default_action = SeccompAction::log;
  CHECK(entries_after(profile) == 7);
  profile.flags = {spec::SeccompFlag::log};
  CHECK(entries_after(profile) == 7);
}

}  // namespace
}  // namespace crun::security
