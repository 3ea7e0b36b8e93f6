// The rows of the default profile: docker's list of system calls, as facts. A test compares them with a copy of
// those facts, so a change here is made there too.
#include "libcrun/security/default_profile_table.h"

namespace crun::security {
namespace {

constexpr std::string_view kAlways =
    "accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 "
    "clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep "
    "clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create "
    "epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 "
    "execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir "
    "fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork "
    "fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex "
    "futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 "
    "getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid "
    "getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit "
    "get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid gettimeofday getuid getuid32 "
    "getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy "
    "io_getevents io_pgetevents io_pgetevents_time64 ioprio_get ioprio_set io_setup io_submit ipc kill "
    "landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat "
    "listen listmount listxattr listxattrat llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise "
    "map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 "
    "mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 "
    "mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall "
    "munmap name_to_handle_at nanosleep newfstatat _newselect open openat openat2 pause pidfd_open "
    "pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv "
    "preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead "
    "readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr "
    "removexattrat rename renameat renameat2 restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 "
    "rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max "
    "sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 "
    "sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp select semctl semget "
    "semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 "
    "setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32 "
    "setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid setsockopt "
    "set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown "
    "sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs "
    "statfs64 statmount statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create "
    "timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create "
    "timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 "
    "ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice "
    "wait4 waitid waitpid write writev";

constexpr std::string_view kSince4Dot8 = "process_vm_readv process_vm_writev ptrace";

constexpr std::string_view kSocket = "socket";
constexpr std::string_view kPersonality = "personality";
constexpr std::string_view kOnPpc64le = "sync_file_range2 swapcontext";

constexpr std::string_view kOnArmArm64 =
    "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls";

constexpr std::string_view kArchPrctl = "arch_prctl";
constexpr std::string_view kModifyLdt = "modify_ldt";
constexpr std::string_view kOnS390S390x = "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr";

constexpr std::string_view kRiscvFlushIcache = "riscv_flush_icache";
constexpr std::string_view kOpenByHandleAt = "open_by_handle_at";
constexpr std::string_view kWithSysAdmin =
    "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr "
    "lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl "
    "quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare";

constexpr std::string_view kClone = "clone";
constexpr std::string_view kClone3 = "clone3";
constexpr std::string_view kReboot = "reboot";
constexpr std::string_view kChroot = "chroot";
constexpr std::string_view kWithSysModule = "delete_module init_module finit_module";

constexpr std::string_view kAcct = "acct";
constexpr std::string_view kWithSysPtrace =
    "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace";

constexpr std::string_view kWithSysRawio = "iopl ioperm";

constexpr std::string_view kWithSysTime = "settimeofday stime clock_settime clock_settime64";

constexpr std::string_view kVhangup = "vhangup";
constexpr std::string_view kWithSysNice = "get_mempolicy mbind set_mempolicy set_mempolicy_home_node";

constexpr std::string_view kSyslog = "syslog";
constexpr std::string_view kBpf = "bpf";
constexpr std::string_view kPerfEventOpen = "perf_event_open";

constexpr ProfileRow kRows[] = {
    {.names = kAlways},
    {.names = kSince4Dot8, .least_kernel = {4, 8}},
    {.names = kSocket, .arg = Arg{0, 38, 0, spec::SeccompOperator::less}},
    {.names = kSocket, .arg = Arg{0, 39, 0, spec::SeccompOperator::equal}},
    {.names = kSocket, .arg = Arg{0, 40, 0, spec::SeccompOperator::greater}},
    {.names = kPersonality, .arg = Arg{0, 0, 0, spec::SeccompOperator::equal}},
    {.names = kPersonality, .arg = Arg{0, 8, 0, spec::SeccompOperator::equal}},
    {.names = kPersonality, .arg = Arg{0, 0x20000, 0, spec::SeccompOperator::equal}},
    {.names = kPersonality, .arg = Arg{0, 0x20008, 0, spec::SeccompOperator::equal}},
    {.names = kPersonality, .arg = Arg{0, 0xffffffff, 0, spec::SeccompOperator::equal}},
    {.names = kOnPpc64le, .only_on = kPpc64le},
    {.names = kOnArmArm64, .only_on = kArm | kArm64},
    {.names = kArchPrctl, .only_on = kAmd64 | kX32},
    {.names = kModifyLdt, .only_on = kAmd64 | kX32 | kX86},
    {.names = kOnS390S390x, .only_on = kS390 | kS390x},
    {.names = kRiscvFlushIcache, .only_on = kRiscv64},
    {.names = kOpenByHandleAt, .needs = "CAP_DAC_READ_SEARCH"},
    {.names = kWithSysAdmin, .needs = "CAP_SYS_ADMIN"},
    {.names = kClone,
     .arg = Arg{0, 0x7e020000, 0, spec::SeccompOperator::masked_equal},
     .unless = "CAP_SYS_ADMIN",
     .not_on = kS390 | kS390x},
    {.names = kClone,
     .arg = Arg{1, 0x7e020000, 0, spec::SeccompOperator::masked_equal},
     .unless = "CAP_SYS_ADMIN",
     .only_on = kS390 | kS390x},
    {.names = kClone3, .action = spec::SeccompAction::error_number, .errno_ret = 38, .unless = "CAP_SYS_ADMIN"},
    {.names = kReboot, .needs = "CAP_SYS_BOOT"},
    {.names = kChroot, .needs = "CAP_SYS_CHROOT"},
    {.names = kWithSysModule, .needs = "CAP_SYS_MODULE"},
    {.names = kAcct, .needs = "CAP_SYS_PACCT"},
    {.names = kWithSysPtrace, .needs = "CAP_SYS_PTRACE"},
    {.names = kWithSysRawio, .needs = "CAP_SYS_RAWIO"},
    {.names = kWithSysTime, .needs = "CAP_SYS_TIME"},
    {.names = kVhangup, .needs = "CAP_SYS_TTY_CONFIG"},
    {.names = kWithSysNice, .needs = "CAP_SYS_NICE"},
    {.names = kSyslog, .needs = "CAP_SYSLOG"},
    {.names = kBpf, .needs = "CAP_BPF"},
    {.names = kPerfEventOpen, .needs = "CAP_PERFMON"},
};

}  // namespace

std::span<const ProfileRow> default_profile_rows() { return kRows; }

}  // namespace crun::security
