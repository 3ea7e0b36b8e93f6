// Kills a process at its n-th system call, as an unlucky `kill -9` would: see usage(), and README.md beside this file.
#include <fcntl.h>
#include <seccomp.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

// All that changes something another process can see, or that makes, ends or waits for processes.
constexpr const char* kChanging[] = {
    "open",
    "openat",
    "openat2",
    "creat",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "mknod",
    "mknodat",
    "write",
    "pwrite64",
    "writev",
    "pwritev2",
    "sendfile",
    "splice",
    "ftruncate",
    "truncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "syncfs",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "fchownat",
    "lchown",
    "utimensat",
    "setxattr",
    "fsetxattr",
    "lsetxattr",
    "removexattr",
    "mount",
    "umount2",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "open_tree",
    "mount_setattr",
    "pivot_root",
    "chroot",
    "setns",
    "unshare",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "sendmsg",
    "sendto",
    "connect",
    "bind",
    "wait4",
    "waitid",
    "kill",
    "pidfd_send_signal",
    "copy_file_range",
    "ioctl",
    "bpf",
    "seccomp",
    "close",
    "fcntl",
    "recvmsg",
    "flock",
    "exit_group",
};

struct Options {
  long at = 0;  // 0: count only
  std::string program;
  std::set<long> calls;  // empty: all
  std::string report;
  bool all_processes = false;
  bool descendants = false;
  bool whole_tree = false;
  unsigned seconds = 60;
  char** command = nullptr;
};

[[noreturn]] void fail(const char* what) {
  fprintf(stderr, "kill_at_syscall: %s: %s\n", what, strerror(errno));
  exit(125);
}

[[noreturn]] void usage() {
  fputs(
      "usage: kill_at_syscall [-n N] [-p NAME] [-e CALL,CALL|all] [-o FILE] [-a] [-d] [-w] [-t SECONDS] -- COMMAND...\n"
      "  -n N     SIGKILL at the entry of the N-th counted call; without it: run to the end and count\n"
      "  -p NAME  count the calls of processes whose executable has this name, of all that the command starts;\n"
      "           without it: those of the first process\n"
      "  -e ...   count these calls; without it: all that change something\n"
      "  -o FILE  where the report goes: 'killed NAME PID at N: CALL' or 'ended after N'; without it: stderr\n"
      "  -a       go on after the first process has ended, until all have\n"
      "  -d       count the calls of what the first process starts, not its own; after the kill wait for its end, and\n"
      "           report its exit code, too\n"
      "  -w       kill all that the command has started, not the one process alone\n"
      "  -t S     give up after so many seconds (60), and let them run\n"
      "exit code: 0 killed (or counted), 1 ended before the N-th call, 125 failed itself\n",
      stderr);
  exit(125);
}

void choose_calls(Options& options, std::string_view list) {
  options.calls.clear();
  if (list == "all") return;
  while (!list.empty()) {
    std::string name(list.substr(0, list.find(',')));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    int number = seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) {
      fprintf(stderr, "kill_at_syscall: no system call '%s'\n", name.c_str());
      exit(125);
    }
    options.calls.insert(number);
  }
}

Options parse(int argc, char** argv) {
  Options options;
  // Those that this architecture lacks get negative numbers, which never come up.
  for (const char* name : kChanging) options.calls.insert(seccomp_syscall_resolve_name(name));
  for (int option = 0; (option = getopt(argc, argv, "+n:p:e:o:adwt:")) != -1;) {
    switch (option) {
      case 'n': options.at = atol(optarg); break;
      case 'p': options.program = optarg; break;
      case 'e': choose_calls(options, optarg); break;
      case 'o': options.report = optarg; break;
      case 'a': options.all_processes = true; break;
      case 'd': options.descendants = true; break;
      case 'w': options.whole_tree = true; break;
      case 't': options.seconds = static_cast<unsigned>(atoi(optarg)); break;
      default: usage();
    }
  }
  if (argv[optind] == nullptr) usage();
  options.command = argv + optind;
  return options;
}

std::string program_of(pid_t pid) {
  char target[PATH_MAX];
  ssize_t size = readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), target, sizeof target);
  if (size <= 0) return "";
  std::string path(target, static_cast<size_t>(size));
  if (size_t deleted = path.find(" (deleted)"); deleted != std::string::npos) path.resize(deleted);
  return path.substr(path.rfind('/') + 1);
}

pid_t process_of(pid_t task) {
  FILE* file = fopen(("/proc/" + std::to_string(task) + "/status").c_str(), "re");
  if (file == nullptr) return task;
  char line[256];
  int process = task;
  while (fgets(line, sizeof line, file) != nullptr) {
    if (sscanf(line, "Tgid: %d", &process) == 1) break;
  }
  fclose(file);
  return process;
}

class Tracer {
 public:
  explicit Tracer(const Options& options) : options_(options) {}

  int run() {
    start();
    while (!tasks_.empty()) {
      int status = 0;
      pid_t task = waitpid(-1, &status, __WALL);
      if (task < 0 && errno == EINTR) {
        report("still running after " + std::to_string(count_));
        return options_.at == 0 ? 0 : 1;
      }
      if (task < 0) break;
      handle(task, status);
      if (killed_ && !killed_running() && (!options_.descendants || first_ended_)) break;
      if (first_ended_ && !options_.all_processes && !killed_) break;
    }
    if (!killed_) killed_line_ = "ended after " + std::to_string(count_);
    if (options_.descendants && first_ended_) killed_line_ += ", exit code " + std::to_string(first_code_);
    report(killed_line_);
    return killed_ || options_.at == 0 ? 0 : 1;
  }

 private:
  void start() {
    first_ = fork();
    if (first_ < 0) fail("fork");
    if (first_ == 0) {
      raise(SIGSTOP);
      execvp(options_.command[0], options_.command);
      fprintf(stderr, "kill_at_syscall: %s: %s\n", options_.command[0], strerror(errno));
      _exit(127);
    }
    int status = 0;
    waitpid(first_, &status, WUNTRACED);
    constexpr long kEvents =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    if (ptrace(PTRACE_SEIZE, first_, nullptr, kEvents) != 0) fail("PTRACE_SEIZE");
    tasks_[first_] = options_.program.empty() && !options_.descendants;
    kill(first_, SIGCONT);
    ptrace(PTRACE_SYSCALL, first_, nullptr, 0L);
    struct sigaction wake {};
    wake.sa_handler = [](int) {};
    sigaction(SIGALRM, &wake, nullptr);  // without SA_RESTART: it ends waitpid
    alarm(options_.seconds);
  }

  void handle(pid_t task, int status) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      tasks_.erase(task);
      if (task != first_) return;
      first_ended_ = true;
      first_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      return;
    }
    if (tasks_.count(task) == 0 || newborn_.erase(task) != 0) tasks_[task] = is_chosen(task);
    int signal = WSTOPSIG(status);
    int event = status >> 16;
    long pass = 0;
    if (signal == (SIGTRAP | 0x80)) {
      at_call(task);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      // It may stop for the first time before or after this; known here, it is not missed by -w.
      unsigned long child = 0;
      ptrace(PTRACE_GETEVENTMSG, task, nullptr, &child);
      if (tasks_.emplace(static_cast<pid_t>(child), false).second) newborn_.insert(static_cast<pid_t>(child));
    } else if (event == PTRACE_EVENT_EXEC) {
      tasks_[task] = is_chosen(task);
    } else if (event == PTRACE_EVENT_STOP) {
      // A new task's first stop, or a group stop: that one is kept up by listening.
      if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
        ptrace(PTRACE_LISTEN, task, nullptr, 0L);
        return;
      }
    } else if (event == 0) {
      pass = signal;
    }
    ptrace(PTRACE_SYSCALL, task, nullptr, pass);
  }

  bool is_chosen(pid_t task) const {
    if (options_.descendants && process_of(task) == first_) return false;
    if (!options_.program.empty()) return program_of(task) == options_.program;
    return options_.descendants || process_of(task) == first_;
  }

  void at_call(pid_t task) {
    __ptrace_syscall_info info{};
    if (ptrace(PTRACE_GET_SYSCALL_INFO, task, sizeof info, &info) <= 0) return;
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY || killed_ || !tasks_[task]) return;
    long number = static_cast<long>(info.entry.nr);
    if (!options_.calls.empty() && options_.calls.count(number) == 0) return;
    if (++count_ != options_.at) return;
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, static_cast<int>(number));
    killed_line_ = "killed " + program_of(task) + " " + std::to_string(task) + " at " + std::to_string(count_) + ": " +
                   (name == nullptr ? std::to_string(number) : name);
    free(name);
    kill_from(task);
  }

  void kill_from(pid_t task) {
    killed_ = true;
    if (options_.whole_tree) {
      for (const auto& entry : tasks_) victims_.insert(process_of(entry.first));
    } else {
      victims_.insert(process_of(task));
    }
    for (pid_t victim : victims_) kill(victim, SIGKILL);
  }

  // The kill is over when the last thread is gone: its files are closed and its locks dropped by then.
  bool killed_running() const {
    for (pid_t victim : victims_) {
      if (tasks_.count(victim) != 0) return true;
    }
    return false;
  }

  void report(const std::string& line) const {
    if (options_.report.empty()) {
      fprintf(stderr, "%s\n", line.c_str());
      return;
    }
    FILE* file = fopen(options_.report.c_str(), "we");
    if (file == nullptr) fail(options_.report.c_str());
    fprintf(file, "%s\n", line.c_str());
    fclose(file);
  }

  const Options& options_;
  pid_t first_ = -1;
  bool first_ended_ = false;
  int first_code_ = 0;
  std::string killed_line_;
  bool killed_ = false;
  long count_ = 0;
  std::map<pid_t, bool> tasks_;  // each thread, and whether its calls are counted
  std::set<pid_t> newborn_;      // that have not stopped yet
  std::set<pid_t> victims_;
};

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  return Tracer(options).run();
}
