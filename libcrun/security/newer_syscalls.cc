#include "libcrun/security/newer_syscalls.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace crun::security {
namespace {

struct Newer {
  std::string_view name;
  int number;
};

constexpr std::array kNewer = std::to_array<Newer>({
    {"cachestat", 451},         {"fchmodat2", 452},         {"map_shadow_stack", 453}, {"futex_wake", 454},
    {"futex_wait", 455},        {"futex_requeue", 456},     {"statmount", 457},        {"listmount", 458},
    {"lsm_get_self_attr", 459}, {"lsm_set_self_attr", 460}, {"lsm_list_modules", 461}, {"mseal", 462},
    {"setxattrat", 463},        {"getxattrat", 464},        {"listxattrat", 465},      {"removexattrat", 466},
    {"open_tree_attr", 467},    {"file_getattr", 468},      {"file_setattr", 469},
});

// Of the architectures that number alike; the x32 ABI shares x86_64's value and marks its numbers by bit 30.
std::optional<uint32_t> audit_arch(spec::SeccompArch arch) {
  switch (arch) {
    case spec::SeccompArch::x86: return AUDIT_ARCH_I386;
    case spec::SeccompArch::x86_64:
    case spec::SeccompArch::x32: return AUDIT_ARCH_X86_64;
    case spec::SeccompArch::arm: return AUDIT_ARCH_ARM;
    case spec::SeccompArch::aarch64: return AUDIT_ARCH_AARCH64;
    case spec::SeccompArch::ppc64le: return AUDIT_ARCH_PPC64LE;
    case spec::SeccompArch::s390: return AUDIT_ARCH_S390;
    case spec::SeccompArch::s390x: return AUDIT_ARCH_S390X;
    case spec::SeccompArch::riscv64: return AUDIT_ARCH_RISCV64;
    default: return std::nullopt;
  }
}

sock_filter load(size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }
sock_filter answer(uint32_t result) { return BPF_STMT(BPF_RET | BPF_K, result); }
sock_filter jump(int operation, uint32_t value, size_t if_true, size_t if_false) {
  return BPF_JUMP(static_cast<uint16_t>(BPF_JMP | operation | BPF_K), value, static_cast<uint8_t>(if_true),
                  static_cast<uint8_t>(if_false));
}

// Decides by number; falls off its end where the profile's own program shall go on.
std::vector<sock_filter> by_number(const NewerRules& newer) {
  std::vector<sock_filter> code;
  for (const NewerRules::Rule& rule : newer.rules) {
    code.push_back(jump(BPF_JEQ, static_cast<uint32_t>(rule.number), 0, 1));
    code.push_back(answer(rule.result));
  }
  if (newer.largest_named > 0) {
    code.push_back(jump(BPF_JGT, static_cast<uint32_t>(newer.largest_named), 0, 1));
    code.push_back(answer(SECCOMP_RET_ERRNO | ENOSYS));
  }
  return code;
}

}  // namespace

std::optional<int> newer_syscall(std::string_view name) noexcept {
  for (const Newer& entry : kNewer) {
    if (entry.name == name) return entry.number;
  }
  return std::nullopt;
}

void prepend_newer(std::vector<sock_filter>& program, const std::vector<spec::SeccompArch>& architectures,
                   const NewerRules& newer) {
  std::vector<sock_filter> decide = by_number(newer);
  // A conditional jump reaches 255 instructions.
  if (decide.empty() || decide.size() > 200) return;
  std::vector<sock_filter> front = {load(offsetof(seccomp_data, arch))};
  for (size_t i = 0; i < architectures.size(); ++i) {
    std::optional<uint32_t> arch = audit_arch(architectures[i]);
    if (!arch) return;
    front.push_back(jump(BPF_JEQ, *arch, architectures.size() - i, 0));
  }
  front.push_back(BPF_STMT(BPF_JMP | BPF_JA, static_cast<uint32_t>(3 + decide.size())));
  front.push_back(load(offsetof(seccomp_data, nr)));
  // Below the common numbers, and x32's, which are above 2^30: on to the profile.
  front.push_back(jump(BPF_JGE, kFirstCommonNumber, 0, decide.size() + 1));
  front.push_back(jump(BPF_JGE, 0x40000000, decide.size(), 0));
  front.insert(front.end(), decide.begin(), decide.end());
  program.insert(program.begin(), front.begin(), front.end());
}

}  // namespace crun::security
