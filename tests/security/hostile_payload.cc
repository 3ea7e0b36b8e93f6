// A hostile payload of the tests beside this file: hostile_payload MODE, until it is killed.
//   hydra N    N chains of processes that each fork and end, so that a list of pids is old before it is read
//   fill       forks until it may not any more, and again when it may
//   stop, kill SIGSTOP or SIGKILL to every process that it did not start
//   pry        what a process that enters can be opened by: ptrace, its memory, its program, its root, its descriptors.
//              A file /secret-of-the-machine that is found so, or a program that can be written to, is noted in /pried
//   descriptors [NAME FILE]  no harm: the numbers of its open descriptors, to stdout or added to the file
//   shuffle    mounts, binds and renames over /proc, /dev, /dev/pts and /work, and takes them away again
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr const char* kSecret = "secret-of-the-machine";

[[noreturn]] void hydra(int heads) {
  signal(SIGCHLD, SIG_IGN);
  for (int i = 0; i < heads; ++i) {
    if (fork() == 0) {
      for (;;) {
        if (fork() > 0) _exit(0);
      }
    }
  }
  for (;;) pause();
}

[[noreturn]] void fill() {
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    pid_t pid = fork();
    if (pid == 0) {
      for (;;) pause();
    }
    if (pid < 0) sched_yield();
  }
}

// Calls act(pid) for each process that is neither ours nor pid 1, for ever.
template <typename Act>
[[noreturn]] void for_each_other(const Act& act) {
  for (;;) {
    DIR* proc = opendir("/proc");
    if (proc == nullptr) continue;
    while (dirent* entry = readdir(proc)) {
      pid_t pid = static_cast<pid_t>(atoi(entry->d_name));
      if (pid > 1 && pid != getpid()) act(pid);
    }
    closedir(proc);
  }
}

void note(const char* what, pid_t pid) {
  int file = open("/pried", O_WRONLY | O_CREAT | O_APPEND, 0644);
  char line[256];
  int size = snprintf(line, sizeof line, "%s of %d\n", what, pid);
  if (write(file, line, static_cast<size_t>(size)) < 0) _exit(1);
  close(file);
}

bool has_secret(const char* folder) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, kSecret);
  return access(path, F_OK) == 0;
}

// Of busybox, which is what the container runs, all may be seen.
bool is_busybox(const char* exe) {
  char target[512];
  ssize_t size = readlink(exe, target, sizeof target - 1);
  if (size < 0) return true;
  target[size] = '\0';
  return strstr(target, "busybox") != nullptr || strstr(target, "hostile_payload") != nullptr;
}

void pry_program(const char* exe, pid_t pid) {
  if (is_busybox(exe)) return;
  int file = open(exe, O_RDONLY);
  if (file < 0) return;
  char again[64];
  snprintf(again, sizeof again, "/proc/self/fd/%d", file);
  for (int i = 0; i < 200; ++i) {  // ETXTBSY as long as it runs
    int writable = open(again, O_WRONLY);
    if (writable >= 0) {
      note("program", pid);
      close(writable);
      break;
    }
  }
  close(file);
}

void pry_descriptors(pid_t pid) {
  char folder[64];
  snprintf(folder, sizeof folder, "/proc/%d/fd", pid);
  DIR* open_folder = opendir(folder);
  if (open_folder == nullptr) return;
  while (dirent* entry = readdir(open_folder)) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (has_secret(path)) note("descriptor", pid);
  }
  closedir(open_folder);
}

[[noreturn]] void pry() {
  for_each_other([](pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/root", pid);
    if (has_secret(path)) note("root", pid);
    snprintf(path, sizeof path, "/proc/%d/cwd", pid);
    if (has_secret(path)) note("working folder", pid);
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    pry_program(path, pid);
    bool ours = is_busybox(path);
    pry_descriptors(pid);
    if (!ours && ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) {
      note("registers", pid);
      ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
    }
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = ours ? -1 : open(path, O_RDWR);
    if (memory >= 0) {
      note("memory", pid);
      close(memory);
    }
  });
}

[[noreturn]] void shuffle() {
  mkdir("/fake", 0755);
  mkdir("/fake/self", 0755);
  mkdir("/other", 0755);
  for (;;) {
    mount("/fake", "/proc", nullptr, MS_BIND, nullptr);
    umount2("/proc", MNT_DETACH);
    mount("t", "/dev/pts", "tmpfs", 0, nullptr);
    symlink("/other", "/dev/pts/ptmx");
    umount2("/dev/pts", MNT_DETACH);
    mount("t", "/dev", "tmpfs", 0, nullptr);
    umount2("/dev", MNT_DETACH);
    syscall(SYS_renameat2, AT_FDCWD, "/work", AT_FDCWD, "/other", 2 /* RENAME_EXCHANGE */);
    rename("/work", "/gone");
    symlink("/proc/1/root/..", "/work");
    unlink("/work");
    rename("/gone", "/work");
  }
}

int descriptors(const char* name, const char* file) {
  char line[4096];
  int size = snprintf(line, sizeof line, "%s", name);
  constexpr int kMost = 4096;
  for (int fd = 0; fd < kMost && size < static_cast<int>(sizeof line) - 16; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) size += snprintf(line + size, sizeof line - static_cast<size_t>(size), " %d", fd);
  }
  line[size++] = '\n';
  // A hook's state, to its end: crun takes it for a failure where it is not read.
  char part[4096];
  while (file != nullptr && read(STDIN_FILENO, part, sizeof part) > 0) {
  }
  int out = file == nullptr ? STDOUT_FILENO : open(file, O_WRONLY | O_CREAT | O_APPEND, 0644);
  return write(out, line, static_cast<size_t>(size)) == size ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "hydra") == 0) hydra(argc > 2 ? atoi(argv[2]) : 8);
  if (strcmp(mode, "fill") == 0) fill();
  if (strcmp(mode, "stop") == 0) for_each_other([](pid_t pid) { kill(pid, SIGSTOP); });
  if (strcmp(mode, "kill") == 0) for_each_other([](pid_t pid) { kill(pid, SIGKILL); });
  if (strcmp(mode, "pry") == 0) pry();
  if (strcmp(mode, "descriptors") == 0) return descriptors(argc > 2 ? argv[2] : "have", argc > 3 ? argv[3] : nullptr);
  if (strcmp(mode, "shuffle") == 0) shuffle();
  fputs("usage: hostile_payload hydra N|fill|stop|kill|pry|shuffle|descriptors\n", stderr);
  return 64;
}
