// Lets the n-th system call of a process fail, as a full disk or a lack of memory or descriptors would: see usage().
// By seccomp's user notification (seccomp_unotify(2)): the calls of all others go on as they are.
#include <poll.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace {

struct Failure {
  const char* call;
  int error;
};

// Calls that can fail by no fault of the caller's, each with an errno of its man page or of a worn-out machine.
constexpr Failure kFailures[] = {
    {"openat", EMFILE},
    {"openat2", ENFILE},
    {"open", EMFILE},
    {"mkdirat", ENOSPC},
    {"mkdir", ENOSPC},
    {"mknodat", ENOSPC},
    {"write", ENOSPC},
    {"pwrite64", ENOSPC},
    {"writev", ENOSPC},
    {"ftruncate", ENOSPC},
    {"read", EIO},
    {"pread64", EIO},
    {"getdents64", EIO},
    {"newfstatat", EIO},
    {"fstat", EIO},
    {"statx", EIO},
    {"readlink", EIO},
    {"readlinkat", EIO},
    {"unlinkat", EIO},
    {"unlink", EIO},
    {"rmdir", EIO},
    {"renameat", ENOSPC},
    {"renameat2", ENOSPC},
    {"rename", ENOSPC},
    {"fchown", EIO},
    {"fchmod", EIO},
    {"fcntl", ENOLCK},
    {"memfd_create", EMFILE},
    {"brk", ENOMEM},
    {"mmap", ENOMEM},
    {"mprotect", ENOMEM},
    {"socket", EMFILE},
    {"socketpair", EMFILE},
    {"connect", ECONNREFUSED},
    {"sendmsg", ENOBUFS},
    {"sendto", ENOBUFS},
    {"recvmsg", ENOMEM},
    {"recvfrom", ENOMEM},
    {"clone3", EAGAIN},
    {"clone", EAGAIN},
    {"fork", EAGAIN},
    {"vfork", EAGAIN},
    {"pidfd_open", EMFILE},
    {"pidfd_send_signal", EPERM},
    {"poll", ENOMEM},
    {"ppoll", ENOMEM},
    {"fsopen", ENOMEM},
    {"fsconfig", ENOMEM},
    {"fsmount", EMFILE},
    {"open_tree", EMFILE},
    {"mount_setattr", ENOMEM},
    {"move_mount", ENOMEM},
    {"mount", ENOMEM},
    {"umount2", EBUSY},
    {"setns", ENOMEM},
    {"unshare", ENOMEM},
    {"bpf", ENOMEM},
    {"signalfd4", EMFILE},
    {"eventfd2", EMFILE},
    {"epoll_create1", EMFILE},
    {"epoll_ctl", ENOSPC},
    {"inotify_init1", EMFILE},
    {"inotify_add_watch", ENOSPC},
    {"dup", EMFILE},
    {"dup2", EMFILE},
    {"dup3", EMFILE},
    {"pipe2", EMFILE},
    {"capget", EPERM},
    {"chdir", EIO},
    {"fchdir", EIO},
    {"faccessat", EIO},
    {"faccessat2", EIO},
    {"statfs", EIO},
    {"fstatfs", EIO},
    {"prctl", EPERM},
    {"prlimit64", EPERM},
};

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "fail_at_syscall: %s: %s\n", what, strerror(errno));
  exit(125);
}

[[noreturn]] void usage() {
  fputs(
      "usage: fail_at_syscall [-n N] [-o FILE] [-t SECONDS] -- COMMAND...\n"
      "  -n N     the N-th of COMMAND's own calls that can fail does so; without it: run to the end and count\n"
      "  -o FILE  where the report goes: 'failed N: CALL: ERROR' or 'ended after N'; without it: stderr\n"
      "  -t S     SIGKILL after so many seconds (60)\n"
      "exit code: COMMAND's, 128+n where a signal ended it, 125 failed itself\n",
      stderr);
  exit(125);
}

struct Options {
  long at = 0;
  std::string report;
  unsigned seconds = 60;
  char** command = nullptr;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int option = 0; (option = getopt(argc, argv, "+n:o:t:")) != -1;) {
    switch (option) {
      case 'n': options.at = atol(optarg); break;
      case 'o': options.report = optarg; break;
      case 't': options.seconds = static_cast<unsigned>(atoi(optarg)); break;
      default: usage();
    }
  }
  if (argv[optind] == nullptr) usage();
  options.command = argv + optind;
  return options;
}

std::map<int, int> failures() {
  std::map<int, int> result;
  for (const Failure& failure : kFailures) {
    int number = seccomp_syscall_resolve_name(failure.call);
    if (number >= 0) result[number] = failure.error;
  }
  return result;
}

// sendmmsg(2), because it is in no table above: the filter stands already.
void send_fd(int socket, int fd) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
  mmsghdr message{};
  message.msg_hdr.msg_iov = &part;
  message.msg_hdr.msg_iovlen = 1;
  message.msg_hdr.msg_control = control;
  message.msg_hdr.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message.msg_hdr);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmmsg(socket, &message, 1, 0) != 1) _exit(125);
}

int receive_fd(int socket) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&message) == nullptr) fail("no listener");
  int fd = -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

[[noreturn]] void become(const Options& options, const std::map<int, int>& table, int socket) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  // As root, without no_new_privs: the command is to find what it would find without us.
  if (filter == nullptr || seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) != 0) _exit(125);
  for (const auto& entry : table) {
    if (seccomp_rule_add(filter, SCMP_ACT_NOTIFY, entry.first, 0) != 0) _exit(125);
  }
  if (seccomp_load(filter) != 0) _exit(125);
  send_fd(socket, seccomp_notify_fd(filter));  // close-on-exec, as the socket
  execvp(options.command[0], options.command);
  _exit(127);
}

volatile sig_atomic_t time_is_up = 0;

class Injector {
 public:
  explicit Injector(const Options& options) : options_(options), table_(failures()) {}

  int run() {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
    catch_signals();
    first_ = fork();
    if (first_ < 0) fail("fork");
    if (first_ == 0) {
      sigprocmask(SIG_SETMASK, &before_, nullptr);
      become(options_, table_, sockets[1]);
    }
    close(sockets[1]);
    listener_ = receive_fd(sockets[0]);
    if (seccomp_notify_alloc(&request_, &response_) != 0) fail("seccomp_notify_alloc");
    alarm(options_.seconds);
    int status = serve();
    report();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  // Let in by ppoll alone, so that none comes between a look and the wait.
  void catch_signals() {
    struct sigaction wake {};
    wake.sa_handler = [](int signal) { time_is_up = time_is_up | (signal == SIGALRM ? 1 : 0); };
    sigaction(SIGALRM, &wake, nullptr);
    sigaction(SIGCHLD, &wake, nullptr);
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGALRM);
    sigaddset(&waited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &waited, &before_);
  }

  int serve() {
    int status = 0;
    while (waitpid(first_, &status, WNOHANG) != first_) {
      if (time_is_up != 0) kill(first_, SIGKILL);
      pollfd wanted{listener_, POLLIN, 0};
      int count = ppoll(&wanted, 1, nullptr, &before_);
      if (count > 0 && (wanted.revents & POLLIN) != 0) answer();
    }
    return status;
  }

  void answer() {
    memset(request_, 0, sizeof *request_);
    if (seccomp_notify_receive(listener_, request_) != 0) return;  // it was killed meanwhile
    *response_ = {};
    response_->id = request_->id;
    response_->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    // The one who executes the command is between the filter and execve until here: execve is in no table.
    if (static_cast<pid_t>(request_->pid) == first_ && can_fail() && ++count_ == options_.at) inject();
    seccomp_notify_respond(listener_, response_);
  }

  // Not those of libc before main(), which is over with the first call that is none of these. brk(0) asks where the
  // break is.
  bool can_fail() {
    int number = request_->data.nr;
    bool memory = number == SCMP_SYS(brk) || number == SCMP_SYS(mmap) || number == SCMP_SYS(mprotect);
    bool of_libc = memory || number == SCMP_SYS(prlimit64) || number == SCMP_SYS(readlinkat);
    in_main_ = in_main_ || !(of_libc || number == SCMP_SYS(readlink));
    return in_main_ && (number != SCMP_SYS(brk) || request_->data.args[0] != 0);
  }

  void inject() {
    int number = request_->data.nr;
    error_ = table_[number];
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    call_ = name == nullptr ? std::to_string(number) : name;
    free(name);
    response_->flags = 0;
    response_->error = -error_;
    if (number != SCMP_SYS(brk)) return;
    // It fails by giving the break as it is (brk(2), "C library/kernel differences").
    response_->error = 0;
    response_->val = static_cast<long long>(end_of_heap());
  }

  unsigned long end_of_heap() const {
    FILE* file = fopen(("/proc/" + std::to_string(first_) + "/maps").c_str(), "re");
    if (file == nullptr) fail("maps");
    char line[512];
    unsigned long end = 0;
    while (fgets(line, sizeof line, file) != nullptr) {
      if (strstr(line, "[heap]") != nullptr) sscanf(line, "%*x-%lx", &end);
    }
    fclose(file);
    return end;
  }

  void report() const {
    std::string line = call_.empty() ? "ended after " + std::to_string(count_)
                                     : "failed " + std::to_string(options_.at) + ": " + call_ + ": " + strerror(error_);
    FILE* file = options_.report.empty() ? stderr : fopen(options_.report.c_str(), "we");
    if (file == nullptr) fail(options_.report.c_str());
    fprintf(file, "%s\n", line.c_str());
  }

  const Options& options_;
  std::map<int, int> table_;
  pid_t first_ = -1;
  int listener_ = -1;
  sigset_t before_{};
  seccomp_notif* request_ = nullptr;
  seccomp_notif_resp* response_ = nullptr;
  bool in_main_ = false;
  long count_ = 0;
  std::string call_;
  int error_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  return Injector(options).run();
}
