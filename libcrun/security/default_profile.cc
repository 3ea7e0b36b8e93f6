#include "libcrun/security/default_profile.h"

#include <sys/utsname.h>

#include <algorithm>
#include <charconv>

#include "crun/error.h"
#include "libcrun/security/default_profile_table.h"

namespace crun::security {
namespace {

using spec::SeccompArch;

struct Machine {
  SeccompArch arch;
  unsigned bit;                              // in the table's rows; 0: named by none
  std::optional<SeccompArch> companions[2];  // that run on it too
};

constexpr Machine kMachines[] = {
    {SeccompArch::x86_64, kAmd64, {SeccompArch::x86, SeccompArch::x32}},
    {SeccompArch::x86, kX86, {}},
    {SeccompArch::aarch64, kArm64, {SeccompArch::arm, {}}},
    {SeccompArch::arm, kArm, {}},
    {SeccompArch::mips64, 0, {SeccompArch::mips, SeccompArch::mips64n32}},
    {SeccompArch::mips64n32, 0, {SeccompArch::mips, SeccompArch::mips64}},
    {SeccompArch::mipsel64, 0, {SeccompArch::mipsel, SeccompArch::mipsel64n32}},
    {SeccompArch::mipsel64n32, 0, {SeccompArch::mipsel, SeccompArch::mipsel64}},
    {SeccompArch::ppc64le, kPpc64le, {}},
    {SeccompArch::s390x, kS390x, {SeccompArch::s390, {}}},
    {SeccompArch::riscv64, kRiscv64, {}},
    {SeccompArch::loongarch64, kLoongarch64, {}},
};

const Machine& find_machine(SeccompArch arch) {
  for (const Machine& machine : kMachines) {
    if (machine.arch == arch) return machine;
  }
  throw Error(ErrorKind::unsupported, "there is no default seccomp profile for this architecture");
}

bool has(CapabilityMask mask, std::string_view name) {
  std::optional<int> number = find_capability(name);
  return number && (mask >> *number & 1) != 0;
}

bool holds(const ProfileRow& row, CapabilityMask bounding, unsigned machine_bit, KernelVersion kernel) {
  if (kernel < row.least_kernel) return false;
  if (!row.needs.empty() && !has(bounding, row.needs)) return false;
  if (!row.unless.empty() && has(bounding, row.unless)) return false;
  if (row.only_on != ~0U && (row.only_on & machine_bit) == 0) return false;
  return (row.not_on & machine_bit) == 0;
}

spec::SyscallRule rule_of(const ProfileRow& row) {
  spec::SyscallRule rule;
  for (size_t start = 0; start < row.names.size();) {
    size_t end = std::min(row.names.find(' ', start), row.names.size());
    rule.names.emplace_back(row.names.substr(start, end - start));
    start = end + 1;
  }
  rule.action = row.action;
  rule.errno_ret = row.errno_ret;
  if (row.arg) rule.args.push_back({row.arg->index, row.arg->value, row.arg->value_two, row.arg->op});
  return rule;
}

}  // namespace

KernelVersion parse_kernel_version(std::string_view release) {
  KernelVersion version;
  const char* end = release.data() + release.size();
  auto major = std::from_chars(release.data(), end, version.major);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.') {
    auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec == std::errc()) return version;
  }
  throw Error(ErrorKind::invalid, "'" + std::string(release) + "' is not a kernel's release");
}

KernelVersion host_kernel() {
  utsname name{};
  checked(uname(&name), "asking for the kernel's release");
  return parse_kernel_version(name.release);
}

SeccompArch host_arch() {
#if defined(__x86_64__) && !defined(__ILP32__)
  return SeccompArch::x86_64;
#elif defined(__i386__)
  return SeccompArch::x86;
#elif defined(__aarch64__)
  return SeccompArch::aarch64;
#elif defined(__arm__)
  return SeccompArch::arm;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return SeccompArch::ppc64le;
#elif defined(__s390x__)
  return SeccompArch::s390x;
#elif defined(__riscv) && __riscv_xlen == 64
  return SeccompArch::riscv64;
#elif defined(__loongarch64)
  return SeccompArch::loongarch64;
#else
  throw Error(ErrorKind::unsupported, "there is no default seccomp profile for this architecture");
#endif
}

spec::Seccomp default_seccomp(CapabilityMask bounding, SeccompArch arch, KernelVersion kernel) {
  const Machine& machine = find_machine(arch);
  spec::Seccomp profile;
  profile.default_action = spec::SeccompAction::error_number;
  profile.default_errno_ret = 1;
  profile.architectures.push_back(arch);
  for (const std::optional<SeccompArch>& companion : machine.companions) {
    if (companion) profile.architectures.push_back(*companion);
  }
  for (const ProfileRow& row : default_profile_rows()) {
    if (holds(row, bounding, machine.bit, kernel)) profile.syscalls.push_back(rule_of(row));
  }
  return profile;
}

}  // namespace crun::security
