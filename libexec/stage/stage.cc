// The last thing that runs before a container's program: credentials, filter, the wait for `start`, execve.
// A few KB without libc, in a sealed memfd: whatever the program finds behind /proc/self/exe before it has replaced it,
// nothing of the host's can be reached through it (CVE-2019-5736), and a thread of the program that called the library
// is never in it. argv[1]: the number of the plan's fd.
#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "libcrun/process/stage_plan.h"
#include "libcrun/process/steps.h"
#include "libexec/freestanding/start.h"
#include "libexec/freestanding/system_call.h"

namespace crun::stage {
namespace {

using process::BlobRange;
using process::Message;
using process::MessageType;
using process::StageCall;
using process::StagePlan;
using process::StageRlimit;
using process::Step;

constexpr long kSeekEnd = 2;
constexpr long kNoSignal = 0x4000;  // MSG_NOSIGNAL
constexpr long kShutWrite = 1;      // SHUT_WR
constexpr int kExitCode = 127;

constexpr int kSolSocket = 1;
constexpr int kScmRights = 1;

// <sys/socket.h>'s, for 64-bit machines.
struct iovec {
  void* base;
  unsigned long size;
};
struct cmsghdr {
  unsigned long size;
  int level;
  int type;
};
struct msghdr {
  void* msg_name;
  unsigned msg_namelen;
  iovec* msg_iov;
  unsigned long msg_iovlen;
  void* msg_control;
  unsigned long msg_controllen;
  unsigned msg_flags;
};
struct timespec {
  long seconds;
  long nanoseconds;
};

using freestanding::call;

[[noreturn]] void end() { freestanding::exit_now(kExitCode); }

int read_number(const char* text) {
  int number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) number = number * 10 + (*text - '0');
  return number;
}

template <typename T>
const T* elements(const StagePlan& plan, BlobRange range) {
  return reinterpret_cast<const T*>(reinterpret_cast<const char*>(&plan) + range.offset);
}

const char* text(const StagePlan& plan, BlobRange range) { return elements<char>(plan, range); }

bool send(int fd, const Message& message) {
  // A socket, where the reader may be gone (no SIGPIPE), or a fifo.
  long sent = call(__NR_sendto, fd, &message, sizeof message, kNoSignal, 0, 0);
  if (sent == -ENOTSOCK) sent = call(__NR_write, fd, &message, sizeof message);
  return sent == static_cast<long>(sizeof message);
}

// Who hears of a failure, and what ends this process then: until `ready` the creator's, then the starter's.
int news_fd = -1;
int wait_fd = -1;

// Tells, then stays: while this process lives, the parent can look at the program through /proc/<pid>/root. It kills
// it.
[[noreturn]] void fail(Step step, long result, int index = -1) {
  send(news_fd, Message{MessageType::failed, step, static_cast<int32_t>(-result), index});
  call(__NR_shutdown, news_fd, kShutWrite);  // of a socket: wakes who waits for our last word
  char byte;
  call(__NR_read, wait_fd, &byte, 1);
  end();
}

void check(Step step, long result, int index = -1) {
  if (result < 0) fail(step, result, index);
}

StagePlan& read_plan(int fd) {
  long size = call(__NR_lseek, fd, 0, kSeekEnd);
  if (size < static_cast<long>(sizeof(StagePlan))) end();
  // Private and writable: offsets of argv and envp become pointers in place.
  long address = call(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  if (address < 0 && address > -4096) end();
  call(__NR_close, fd);
  StagePlan& plan = *reinterpret_cast<StagePlan*>(address);
  if (plan.magic != process::kStagePlanMagic || plan.size != size) end();
  return plan;
}

char** relocate(StagePlan& plan, BlobRange range) {
  char* base = reinterpret_cast<char*>(&plan);
  auto** pointers = reinterpret_cast<char**>(base + range.offset);
  for (uint32_t i = 0; i < range.count; ++i) pointers[i] = base + reinterpret_cast<unsigned long>(pointers[i]);
  return pointers;
}

void set_rlimits(const StagePlan& plan) {
  const auto* limits = elements<StageRlimit>(plan, plan.rlimits);
  for (uint32_t i = 0; i < plan.rlimits.count; ++i) {
    long result = call(__NR_prlimit64, 0, limits[i].resource, &limits[i].soft, 0);
    check(Step::rlimit, result, static_cast<int>(i));
  }
}

void make_calls(StagePlan& plan) {
  char* base = reinterpret_cast<char*>(&plan);
  auto* calls = reinterpret_cast<StageCall*>(base + plan.calls.offset);
  for (uint32_t i = 0; i < plan.calls.count; ++i) {
    StageCall& entry = calls[i];
    if (entry.data_argument >= 0) entry.arguments[entry.data_argument] += reinterpret_cast<unsigned long>(base);
    const uint64_t* arguments = entry.arguments;
    long result = call(entry.number, arguments[0], arguments[1], arguments[2], arguments[3]);
    check(static_cast<Step>(entry.step), result);
  }
}

// By a procfs of our own: the container's /proc may be another file system by now (CVE-2025-52881). While still root:
// these files belong to root as long as the process is not dumpable.
void set_label(const StagePlan& plan) {
  if (plan.label_value.count == 0) return;
  long file = -ENOENT;
  for (const BlobRange& name : plan.label_files) {
    if (name.count == 0 || file >= 0) continue;
    file = call(__NR_openat, plan.proc_fd, text(plan, name), O_WRONLY | O_CLOEXEC);
  }
  check(Step::label, file);
  const char* value = text(plan, plan.label_value);
  long written = call(__NR_write, file, value, plan.label_value.count);
  check(Step::label, written);
  call(__NR_close, file);
}

// A folder outside the container's root has no path in it: getcwd(2) then begins with "(unreachable)" (CVE-2024-21626).
long change_folder(const StagePlan& plan) {
  long result = call(__NR_chdir, text(plan, plan.cwd));
  if (result < 0) return result;
  static char path[4096];
  result = call(__NR_getcwd, path, sizeof path);
  if (result == -ERANGE)
    return 0;  // longer than PATH_MAX, so it is not "(unreachable)/…" of a short one: found below root
  if (result < 0) return result;
  return path[0] == '/' ? 0 : -EXDEV;
}

void drop_bounding(const StagePlan& plan) {
  for (uint32_t capability = 0; capability <= plan.last_capability; ++capability) {
    if ((plan.bounding >> capability & 1) != 0) continue;
    long result = call(__NR_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
    check(Step::bounding, result, static_cast<int>(capability));
  }
}

long set_capabilities(uint64_t effective, uint64_t permitted, uint64_t inheritable) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2];
  for (int half = 0; half < 2; ++half) {
    data[half].effective = static_cast<uint32_t>(effective >> (32 * half));
    data[half].permitted = static_cast<uint32_t>(permitted >> (32 * half));
    data[half].inheritable = static_cast<uint32_t>(inheritable >> (32 * half));
  }
  return call(__NR_capset, &header, data);
}

uint64_t permitted_now() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (call(__NR_capget, &header, data) < 0) return 0;
  return data[0].permitted | static_cast<uint64_t>(data[1].permitted) << 32;
}

void set_user(const StagePlan& plan) {
  check(Step::user, call(__NR_prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0));
  const auto* groups = elements<uint32_t>(plan, plan.groups);
  long result = call(__NR_setgroups, plan.groups.count, groups);
  // Who has the right and may not is in a user namespace that denies it for good (user_namespaces(7)): there is no way
  // to drop them.
  bool kept = result == -EPERM && plan.groups.count == 0 && (permitted_now() >> CAP_SETGID & 1) != 0;
  if (!kept) check(Step::groups, result);
  check(Step::group, call(__NR_setresgid, plan.gid, plan.gid, plan.gid));
  check(Step::user, call(__NR_setresuid, plan.uid, plan.uid, plan.uid));
  // From root to another user the kernel clears the effective set; the filter below needs CAP_SYS_ADMIN.
  if (plan.uid != 0) {
    uint64_t all = permitted_now();
    check(Step::user, set_capabilities(all, all, 0));
  }
}

bool has_listener(const StagePlan& plan) { return (plan.filter_flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0; }

// A filter with a listener is in force before anybody listens, and may ask it about every call that would send it on.
// So another thread, without the filter, does that; it and this one talk by memory alone.
struct Courier {
  static constexpr long kPending = 0x7fffffff;
  alignas(16) char stack[1024];
  long listener;  // or -errno; kPending: not known yet
  int done;
};
Courier courier;

void send_with_fd(int socket, const Message& message, int fd) {
  iovec part{const_cast<Message*>(&message), sizeof message};
  struct {
    cmsghdr header;
    int fd;
    int padding;
  } control{{sizeof(cmsghdr) + sizeof(int), kSolSocket, kScmRights}, fd, 0};
  msghdr envelope{};
  envelope.msg_iov = &part;
  envelope.msg_iovlen = 1;
  envelope.msg_control = &control;
  envelope.msg_controllen = sizeof control;
  call(__NR_sendmsg, socket, &envelope, kNoSignal);
}

void carry_listener(void* ready_fd) {
  timespec moment{0, 20000};
  while (__atomic_load_n(&courier.listener, __ATOMIC_ACQUIRE) == Courier::kPending) {
    call(__NR_nanosleep, &moment, 0);
  }
  if (courier.listener >= 0) {
    send_with_fd(static_cast<int>(reinterpret_cast<long>(ready_fd)), {MessageType::listener, Step::none, 0, -1},
                 static_cast<int>(courier.listener));
  }
  __atomic_store_n(&courier.done, 1, __ATOMIC_RELEASE);
  for (;;) call(__NR_exit, 0);
}

void start_courier(const StagePlan& plan) {
  courier.listener = Courier::kPending;
  constexpr unsigned long kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  void* top = courier.stack + sizeof courier.stack;
  check(Step::seccomp, start_thread(kThread, top, carry_listener, reinterpret_cast<void*>(long{plan.ready_fd})));
}

void wait_for_courier(long listener) {
  __atomic_store_n(&courier.listener, listener, __ATOMIC_RELEASE);
  while (__atomic_load_n(&courier.done, __ATOMIC_ACQUIRE) == 0) {
  }
}

void load_filter(const StagePlan& plan) {
  if (plan.filter.count == 0) return;
  if (has_listener(plan)) start_courier(plan);
  sock_fprog program{static_cast<unsigned short>(plan.filter.count),
                     const_cast<sock_filter*>(elements<sock_filter>(plan, plan.filter))};
  long result = call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, plan.filter_flags, &program);
  if (has_listener(plan)) wait_for_courier(result);
  check(Step::seccomp, result);
}

void load_filter_as_unprivileged(const StagePlan& plan) {
  check(Step::no_new_privileges, call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  load_filter(plan);
}

// What the container may not have is given up here. A kernel without ambient capabilities would be older than any that
// the rest of this needs.
void set_final_capabilities(const StagePlan& plan) {
  check(Step::capabilities, set_capabilities(plan.effective, plan.permitted, plan.inheritable));
  call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (uint32_t capability = 0; capability <= plan.last_capability; ++capability) {
    if ((plan.ambient >> capability & 1) == 0) continue;
    long result = call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
    check(Step::ambient, result, static_cast<int>(capability));
  }
}

// Armed anew after the change of credentials, which clears it (prctl(2)). A parent that died before this is seen as the
// end of the start socket.
void arm_death_signal(const StagePlan& plan) {
  check(Step::death_signal, call(__NR_prctl, PR_SET_PDEATHSIG, plan.death_signal, 0, 0, 0));
}

void wait_for_start(const StagePlan& plan) {
  // A parent that is gone has not noted that this container exists.
  if (!send(plan.ready_fd, Message{MessageType::ready, Step::none, 0, -1})) end();
  if (plan.ready_fd != plan.result_fd) call(__NR_close, plan.ready_fd);
  news_fd = plan.result_fd;
  wait_fd = plan.start_fd;
  char message[sizeof(Message)];
  long count;
  do {
    count = call(__NR_read, plan.start_fd, message, sizeof message);
  } while (count == -EINTR);
  if (count == 0) end();
  check(Step::wait_for_start, count);
}

// A program that is nowhere is told by `create`, where podman and docker expect it; all else by the execve.
void look_for_program(const StagePlan& plan, char** programs) {
  for (uint32_t i = 0; i < plan.programs.count; ++i) {
    long result = call(__NR_faccessat, AT_FDCWD, programs[i], 0);
    if (result != -ENOENT && result != -ENOTDIR) return;
  }
  fail(Step::execute, -ENOENT);
}

// As execvp(3): a candidate that is missing, or that may not be executed, gives way to the next one.
[[noreturn]] void execute(const StagePlan& plan, char** argv, char** envp, char** programs) {
  long worst = -ENOENT;
  int worst_index = -1;
  for (uint32_t i = 0; i < plan.programs.count; ++i) {
    long result = call(__NR_execve, programs[i], argv, envp);
    if (result == -ENOENT || result == -ENOTDIR) {
      // Of a file that is there, ENOENT speaks of its interpreter.
      if (worst != -ENOENT || worst_index >= 0) continue;
      if (call(__NR_faccessat, AT_FDCWD, programs[i], 0) == 0) {
        worst_index = static_cast<int>(i);
      }
      continue;
    }
    worst = result;
    worst_index = static_cast<int>(i);
    if (result != -EACCES) break;
  }
  fail(Step::execute, worst, worst_index);
}

[[noreturn]] void run(int plan_fd) {
  call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
  StagePlan& plan = read_plan(plan_fd);
  news_fd = wait_fd = plan.ready_fd;
  char** argv = relocate(plan, plan.argv);
  char** envp = relocate(plan, plan.envp);
  char** programs = relocate(plan, plan.programs);

  call(__NR_close_range, plan.first_closed_fd, ~0U, CLOSE_RANGE_CLOEXEC);
  make_calls(plan);
  set_rlimits(plan);
  set_label(plan);
  call(__NR_umask, plan.umask);
  drop_bounding(plan);
  long folder = change_folder(plan);
  if (folder != -EACCES) check(Step::working_directory, folder);
  set_user(plan);
  if (folder == -EACCES) check(Step::working_directory, change_folder(plan));
  look_for_program(plan, programs);
  if (plan.no_new_privileges == 0) load_filter(plan);  // needs CAP_SYS_ADMIN
  set_final_capabilities(plan);
  arm_death_signal(plan);
  // As late as can be: the profile need not allow what stands above. A listener goes to who creates, not to who starts.
  const bool late = plan.no_new_privileges != 0;
  if (late && has_listener(plan)) load_filter_as_unprivileged(plan);
  wait_for_start(plan);
  if (late && !has_listener(plan)) load_filter_as_unprivileged(plan);
  execute(plan, argv, envp, programs);
}

}  // namespace
}  // namespace crun::stage

// argc, then argv.
void program_main(long* stack) noexcept {
  if (stack[0] != 2) crun::stage::end();
  crun::stage::run(crun::stage::read_number(reinterpret_cast<const char*>(stack[2])));
}
