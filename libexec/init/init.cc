// ctr-init: pid 1 of a container that asked for `--init`. Starts the payload, forwards every signal to its process
// group, reaps what is orphaned, and ends as the payload did.
//   ctr-init -- PROGRAM [ARGUMENT…]
// It is started with all signals blocked, so that none is lost before it takes them.
// The runtime has resolved PROGRAM to a path before: this has no PATH search beyond a plain one.
#include <linux/wait.h>

#include "libexec/freestanding/start.h"
#include "libexec/freestanding/system_call.h"

namespace crun {
namespace {

using freestanding::call;
using freestanding::exit_now;

constexpr unsigned long kAllSignals = ~0UL;
constexpr long kEnoent = -2;
constexpr long kEintr = -4;
constexpr long kEchild = -10;
constexpr long kEacces = -13;
constexpr long kEnotdir = -20;
constexpr long kEinval = -22;
constexpr int kSetMask = 2;  // SIG_SETMASK
constexpr int kSigTtin = 21;
constexpr int kSigTtou = 22;
constexpr int kSigChld = 17;
constexpr unsigned long kTiocspgrp = 0x5410;
constexpr long kPathMax = 4096;

bool is(const char* left, const char* right) noexcept {
  unsigned long size = strlen(left);
  return strlen(right) == size && memcmp(left, right, size) == 0;
}

const char* find_path(char** environment) noexcept {
  for (; *environment != nullptr; ++environment) {
    if (memcmp(*environment, "PATH=", strlen(*environment) < 5 ? strlen(*environment) : 5) == 0 &&
        strlen(*environment) >= 5) {
      return *environment + 5;
    }
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

bool has_slash(const char* text) noexcept {
  for (; *text != '\0'; ++text) {
    if (*text == '/') return true;
  }
  return false;
}

void say(const char* text) noexcept { call(__NR_write, 2, text, strlen(text)); }

// execve of the first match in PATH; gives the error that tells most.
long execute(char** arguments, char** environment) noexcept {
  const char* name = arguments[0];
  if (has_slash(name)) return call(__NR_execve, name, arguments, environment);
  long worst = kEnoent;
  for (const char* path = find_path(environment);;) {
    unsigned long size = 0;
    while (path[size] != '\0' && path[size] != ':') ++size;
    char candidate[kPathMax];
    if (size + strlen(name) + 2 <= sizeof candidate) {
      memcpy(candidate, path, size);
      candidate[size] = '/';
      memcpy(candidate + size + 1, name, strlen(name) + 1);
      long error = call(__NR_execve, size == 0 ? name : candidate, arguments, environment);
      if (error != kEnoent && error != kEnotdir) worst = error;
      if (error != kEnoent && error != kEnotdir && error != kEacces) return error;
    }
    if (path[size] == '\0') return worst;
    path += size + 1;
  }
}

[[noreturn]] void become_payload(char** arguments, char** environment) noexcept {
  // A group of its own, so that a signal for the payload reaches its children too and never comes back to us.
  call(__NR_setpgid, 0, 0);
  int group = static_cast<int>(call(__NR_getpid));
  // Only where there is a terminal: it is ours to hand on. SIGTTOU is blocked here.
  call(__NR_ioctl, 0, kTiocspgrp, &group);
  unsigned long none = 0;
  call(__NR_rt_sigprocmask, kSetMask, &none, nullptr, sizeof none);
  long error = execute(arguments, environment);
  say("ctr-init: cannot execute ");
  say(arguments[0]);
  say(error == kEnoent || error == kEnotdir ? ": no such file or directory\n"
                                            : ": permission denied or not a program\n");
  exit_now(error == kEnoent || error == kEnotdir ? 127 : 126);
}

// Reaps all that has ended. Ends this process when the payload is among it.
void reap(long payload) noexcept {
  for (;;) {
    int status = 0;
    long pid = call(__NR_wait4, -1, &status, WNOHANG, nullptr);
    if (pid == kEintr) continue;
    if (pid == kEchild) exit_now(0);
    if (pid <= 0) return;
    if (pid == payload) exit_now((status & 0x7f) != 0 ? 128 + (status & 0x7f) : (status >> 8) & 0xff);
  }
}

[[noreturn]] void serve(long payload) noexcept {
  unsigned long all = kAllSignals;
  for (;;) {
    unsigned char information[128] = {};
    long signal = call(__NR_rt_sigtimedwait, &all, information, nullptr, sizeof all);
    if (signal == kEinval) exit_now(125);
    if (signal < 0) continue;
    if (signal == kSigChld) {
      reap(payload);
    } else if (signal != kSigTtin && signal != kSigTtou) {
      call(__NR_kill, -payload, signal);
    }
  }
}

[[noreturn]] void run(long* stack) noexcept {
  long count = stack[0];
  char** arguments = reinterpret_cast<char**>(stack + 1);
  char** environment = arguments + count + 1;
  if (count < 3 || !is(arguments[1], "--")) {
    say("usage: ctr-init -- PROGRAM [ARGUMENT...]\n");
    exit_now(125);
  }
  unsigned long all = kAllSignals;
  call(__NR_rt_sigprocmask, kSetMask, &all, nullptr, sizeof all);  // it may have been started by another than us
  // fork, in the form that every architecture has.
  long payload = call(__NR_clone, kSigChld, 0, 0, 0, 0);
  if (payload == 0) become_payload(arguments + 2, environment);
  if (payload < 0) {
    say("ctr-init: cannot fork\n");
    exit_now(125);
  }
  call(__NR_setpgid, payload, payload);
  serve(payload);
}

}  // namespace
}  // namespace crun

extern "C" [[noreturn]] void program_main(long* stack) noexcept { crun::run(stack); }
