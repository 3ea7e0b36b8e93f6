#include "libcrun/security/seccomp.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/security/default_profile.h"
#include "libcrun/security/newer_syscalls.h"
#include "libcrun/security/shorten_filter.h"
#include "libcrun/spec/names.h"
#include "libcrun/syscall/seccomp.h"

// Linux 5.19; Debian 12's libseccomp, but not every kernel header, has it.
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1U << 5)
#endif

namespace crun::security {
namespace {

using spec::SeccompAction;
using spec::SeccompArch;
using spec::SeccompFlag;
using spec::SeccompOperator;

struct ReleaseContext {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

[[noreturn]] void fail(int result, const std::string& what) { throw SysError(-result, "linux.seccomp: " + what); }

uint32_t error_number(const std::optional<uint32_t>& asked) {
  uint32_t value = asked.value_or(EPERM);
  // The kernel keeps 12 bits and cuts off at MAX_ERRNO.
  if (value > 4095)
    throw Error(ErrorKind::invalid, "linux.seccomp: errnoRet " + std::to_string(value) + " is above 4095");
  return value;
}

// libseccomp's values are the kernel's SECCOMP_RET_*.
uint32_t action_value(SeccompAction action, const std::optional<uint32_t>& errno_ret) {
  switch (action) {
    case SeccompAction::kill:
    case SeccompAction::kill_thread: return SCMP_ACT_KILL_THREAD;
    case SeccompAction::kill_process: return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::trap: return SCMP_ACT_TRAP;
    case SeccompAction::error_number: return SCMP_ACT_ERRNO(error_number(errno_ret));
    case SeccompAction::trace: return SCMP_ACT_TRACE(error_number(errno_ret));
    case SeccompAction::allow: return SCMP_ACT_ALLOW;
    case SeccompAction::log: return SCMP_ACT_LOG;
    case SeccompAction::notify: return SCMP_ACT_NOTIFY;
  }
  throw Error(ErrorKind::internal, "unknown seccomp action");
}

scmp_compare operator_value(SeccompOperator op) {
  switch (op) {
    case SeccompOperator::not_equal: return SCMP_CMP_NE;
    case SeccompOperator::less: return SCMP_CMP_LT;
    case SeccompOperator::less_equal: return SCMP_CMP_LE;
    case SeccompOperator::equal: return SCMP_CMP_EQ;
    case SeccompOperator::greater_equal: return SCMP_CMP_GE;
    case SeccompOperator::greater: return SCMP_CMP_GT;
    case SeccompOperator::masked_equal: return SCMP_CMP_MASKED_EQ;
  }
  throw Error(ErrorKind::internal, "unknown seccomp operator");
}

// libseccomp's name: "SCMP_ARCH_X86_64" -> "x86_64". 0 for one that it does not know.
uint32_t arch_token(SeccompArch arch) {
  std::string name(spec::name_of(arch).substr(sizeof("SCMP_ARCH_") - 1));
  for (char& c : name) c = static_cast<char>(tolower(c));
  return seccomp_arch_resolve_name(name.c_str());
}

void add_architectures(void* context, const std::vector<SeccompArch>& architectures) {
  for (SeccompArch arch : architectures) {
    uint32_t token = arch_token(arch);
    int result = token == 0 ? -EINVAL : seccomp_arch_add(context, token);
    if (result == -EEXIST) continue;
    if (result != 0) {
      throw Error(ErrorKind::unsupported,
                  "linux.seccomp.architectures: this libseccomp does not know " + std::string(spec::name_of(arch)));
    }
  }
}

scmp_arg_cmp comparison(const spec::SyscallArg& arg) {
  return {arg.index, operator_value(arg.op), arg.value, arg.value_two};
}

void add_rule(void* context, uint32_t action, int number, const std::string& name,
              const std::vector<scmp_arg_cmp>& comparisons) {
  int result =
      seccomp_rule_add_array(context, action, number, static_cast<unsigned>(comparisons.size()), comparisons.data());
  if (result != 0) fail(result, "adding a rule for " + name);
}

void add_rule_with_args(void* context, uint32_t action, int number, const std::string& name,
                        const std::vector<spec::SyscallArg>& args) {
  std::vector<scmp_arg_cmp> comparisons;
  std::set<uint32_t> indexes;
  for (const spec::SyscallArg& arg : args) {
    comparisons.push_back(comparison(arg));
    indexes.insert(arg.index);
  }
  if (indexes.size() == args.size()) return add_rule(context, action, number, name, comparisons);
  // libseccomp takes one condition an argument; two on the same one mean either of them, as runc has it.
  for (const scmp_arg_cmp& one : comparisons) add_rule(context, action, number, name, {one});
}

// Goes through the profile's rules; what libseccomp does not know lands in `newer`.
void add_rules(void* context, const spec::Seccomp& profile, uint32_t default_action, NewerRules& newer) {
  for (const spec::SyscallRule& rule : profile.syscalls) {
    uint32_t action = action_value(rule.action, rule.errno_ret);
    for (const std::string& name : rule.names) {
      int number = seccomp_syscall_resolve_name(name.c_str());
      bool unknown = number == __NR_SCMP_ERROR;
      std::optional<int> own = newer_syscall(name);
      if (own) newer.largest_named = std::max(newer.largest_named, *own);
      if (!unknown) newer.largest_named = std::max(newer.largest_named, number);
      // libseccomp refuses a rule that does what is done anyway.
      if (action == default_action) continue;
      if (!unknown) {
        add_rule_with_args(context, action, number, name, rule.args);
      } else if (own && rule.args.empty()) {
        newer.rules.push_back({*own, action});
      } else if (own) {
        throw Error(ErrorKind::unsupported,
                    "linux.seccomp: this libseccomp is too old for a rule on arguments of " + name);
      }
    }
  }
}

// Where a profile lists what is allowed, what it could not know is told as not there.
bool lists_what_is_allowed(SeccompAction default_action) {
  return default_action != SeccompAction::allow && default_action != SeccompAction::log;
}

std::vector<sock_filter> exported(void* context) {
  Fd memory(checked(memfd_create("seccomp", MFD_CLOEXEC), "making memory for a seccomp filter"));
  int result = seccomp_export_bpf(context, memory.get());
  if (result != 0) fail(result, "building the filter");
  checked(lseek(memory.get(), 0, SEEK_SET), "reading a seccomp filter");
  std::string bytes = read_to_end(memory.get(), BPF_MAXINSNS * sizeof(sock_filter), "the seccomp filter");
  std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
  bytes.copy(reinterpret_cast<char*>(program.data()), program.size() * sizeof(sock_filter));
  return program;
}

unsigned flag_value(SeccompFlag flag) {
  switch (flag) {
    case SeccompFlag::tsync: return SECCOMP_FILTER_FLAG_TSYNC;
    case SeccompFlag::log: return SECCOMP_FILTER_FLAG_LOG;
    case SeccompFlag::spec_allow: return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    case SeccompFlag::wait_killable_recv: return SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  }
  throw Error(ErrorKind::internal, "unknown seccomp flag");
}

unsigned asked_flags(const spec::Seccomp& profile) {
  unsigned flags = 0;
  if (!profile.flags) {
    // As runc: without it kernels before 5.16 switch speculation off for every filtered process.
    return seccomp_flag_supported(SeccompFlag::spec_allow) ? SECCOMP_FILTER_FLAG_SPEC_ALLOW : 0;
  }
  for (SeccompFlag flag : *profile.flags) {
    if (!seccomp_flag_supported(flag)) {
      throw Error(ErrorKind::unsupported,
                  "linux.seccomp.flags: this kernel does not have " + std::string(spec::name_of(flag)));
    }
    flags |= flag_value(flag);
  }
  return flags;
}

}  // namespace

bool seccomp_notifies(const spec::Seccomp& profile) {
  return profile.default_action == SeccompAction::notify ||
         std::any_of(profile.syscalls.begin(), profile.syscalls.end(),
                     [](const spec::SyscallRule& rule) { return rule.action == SeccompAction::notify; });
}

// The process has one thread, so TSYNC has nothing to do, and beside a listener the kernel refuses it; what is about a
// listener is refused without one (seccomp(2)).
unsigned seccomp_flags(const spec::Seccomp& profile) {
  unsigned flags = asked_flags(profile);
  if (!seccomp_notifies(profile)) return flags & ~static_cast<unsigned>(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  return (flags & ~static_cast<unsigned>(SECCOMP_FILTER_FLAG_TSYNC)) |
         static_cast<unsigned>(SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

SeccompFilter compile_seccomp(const spec::Seccomp& profile) {
  uint32_t default_action = action_value(profile.default_action, profile.default_errno_ret);
  Context context(seccomp_init(default_action));
  if (!context) throw Error(ErrorKind::invalid, "linux.seccomp: libseccomp refuses the default action");
  int result = seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a binary tree: half as long to load
  if (result != 0) fail(result, "asking for a binary tree");
  add_architectures(context.get(), profile.architectures);
  NewerRules newer;
  add_rules(context.get(), profile, default_action, newer);
  if (!lists_what_is_allowed(profile.default_action)) newer.largest_named = 0;
  if (newer.largest_named < kFirstCommonNumber) newer.largest_named = 0;
  SeccompFilter filter;
  filter.program = exported(context.get());
  std::vector<SeccompArch> architectures = profile.architectures;
  // libseccomp's filter is always for the machine's own too.
  if (std::find(architectures.begin(), architectures.end(), host_arch()) == architectures.end()) {
    architectures.push_back(host_arch());
  }
  prepend_newer(filter.program, architectures, newer);
  filter.program = shorten_filter(filter.program);
  if (filter.program.size() > BPF_MAXINSNS) {
    throw Error(ErrorKind::unsupported, "linux.seccomp: the filter is longer than the kernel's 4096 instructions");
  }
  filter.flags = seccomp_flags(profile);
  return filter;
}

bool seccomp_supported(SeccompAction action) {
  return syscall::seccomp_has_action(action_value(action, std::nullopt) & SECCOMP_RET_ACTION_FULL);
}

bool seccomp_arch_known(SeccompArch arch) { return arch_token(arch) != 0; }

bool seccomp_flag_supported(SeccompFlag flag) {
  unsigned value = flag_value(flag);
  // Known only together (seccomp(2)).
  if (flag == SeccompFlag::wait_killable_recv) value |= static_cast<unsigned>(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  return syscall::seccomp_has_flag(value);
}

}  // namespace crun::security
