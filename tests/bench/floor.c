// What the kernel itself asks for a container: `floor ROOTFS PROGRAM`. Namespaces, mounts, devices, masked and
// read-only paths are those that runtimes give by default; there is no cgroup, capability, filter, state or error text.
//
// Its system calls from clone3 on; tests/bench/run compares a trace with this list, so that the floor stays where it
// is:
//   clone3
//   mount mount chdir
//   mount mount mkdir mkdir mkdir mount mount mount
//   mknodat mknodat mknodat mknodat mknodat mknodat
//   symlink symlink symlink symlink symlink
//   mount mount
//   mount mount mount mount mount mount mount mount mount mount
//   mount mount mount mount mount mount mount mount mount mount
//   pivot_root umount2 chdir sethostname execve
//   wait4 exit_group
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call)      \
  do {                  \
    if ((call) == -1) { \
      perror(#call);    \
      _exit(125);       \
    }                   \
  } while (0)

enum { kSafe = MS_NOSUID | MS_NOEXEC | MS_NODEV, kReadOnly = MS_BIND | MS_REMOUNT | MS_RDONLY };

// Relative to the rootfs, which is the working folder.
static const struct {
  const char *type, *target, *data;
  unsigned long flags;
} kBeforeDevices[] = {
    {"proc", "proc", NULL, kSafe},
    {"tmpfs", "dev", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME},
    {"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC},
    {"tmpfs", "dev/shm", "mode=1777,size=65536k", kSafe},
    {"mqueue", "dev/mqueue", NULL, kSafe},
    {"sysfs", "sys", NULL, kSafe | MS_RDONLY},
    {"cgroup2", "sys/fs/cgroup", NULL, kSafe | MS_RDONLY},
};
static const struct {
  const char* name;
  unsigned minor;
  unsigned major;
} kDevices[] = {{"dev/null", 3, 1},   {"dev/zero", 5, 1},    {"dev/full", 7, 1},
                {"dev/random", 8, 1}, {"dev/urandom", 9, 1}, {"dev/tty", 0, 5}};
static const char* const kLinks[][2] = {{"/proc/self/fd", "dev/fd"},
                                        {"/proc/self/fd/0", "dev/stdin"},
                                        {"/proc/self/fd/1", "dev/stdout"},
                                        {"/proc/self/fd/2", "dev/stderr"},
                                        {"pts/ptmx", "dev/ptmx"}};
static const char* const kReadOnlyPaths[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"};
static const char* const kMaskedFiles[] = {"proc/kcore",      "proc/keys",        "proc/latency_stats",
                                           "proc/timer_list", "proc/timer_stats", "proc/sched_debug"};
static const char* const kMaskedFolders[] = {"proc/acpi", "proc/asound", "proc/scsi", "sys/firmware"};

#define EACH(i, array) for (unsigned i = 0; i < sizeof(array) / sizeof((array)[0]); ++i)

static void mount_default(unsigned i) {
  const char* type = kBeforeDevices[i].type;
  MUST(mount(type, kBeforeDevices[i].target, type, kBeforeDevices[i].flags, kBeforeDevices[i].data));
}

// A path that this kernel lacks costs the failing call: so the list above holds everywhere.
static void mask_paths(void) {
  EACH(i, kReadOnlyPaths) {
    mount(kReadOnlyPaths[i], kReadOnlyPaths[i], NULL, MS_BIND | MS_REC, NULL);
    mount(NULL, kReadOnlyPaths[i], NULL, kReadOnly | kSafe, NULL);
  }
  EACH(i, kMaskedFiles) mount("dev/null", kMaskedFiles[i], NULL, MS_BIND, NULL);
  EACH(i, kMaskedFolders) mount("tmpfs", kMaskedFolders[i], "tmpfs", MS_RDONLY, "nr_blocks=1,nr_inodes=1");
}

static void child(const char* rootfs, char* program) {
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL));
  MUST(chdir(rootfs));
  mount_default(0);
  mount_default(1);
  MUST(mkdir("dev/pts", 0755));
  MUST(mkdir("dev/shm", 0755));
  MUST(mkdir("dev/mqueue", 0755));
  for (unsigned i = 2; i < 5; ++i) mount_default(i);
  EACH(i, kDevices) MUST(mknod(kDevices[i].name, S_IFCHR | 0666, makedev(kDevices[i].major, kDevices[i].minor)));
  EACH(i, kLinks) MUST(symlink(kLinks[i][0], kLinks[i][1]));
  mount_default(5);
  mount_default(6);
  mask_paths();
  MUST(syscall(SYS_pivot_root, ".", "."));
  MUST(umount2(".", MNT_DETACH));
  MUST(chdir("/"));
  MUST(sethostname("floor", 5));
  char* const arguments[] = {program, NULL};
  char* const environment[] = {"PATH=/bin", NULL};
  MUST(execve(program, arguments, environment));
}

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  struct clone_args args;
  memset(&args, 0, sizeof args);
  args.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
  args.exit_signal = SIGCHLD;
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) child(argv[1], argv[2]);
  MUST(pid);
  int status = 0;
  MUST(waitpid((pid_t)pid, &status, 0));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
