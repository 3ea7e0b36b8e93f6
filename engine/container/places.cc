#include "engine/container/places.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "crun/error.h"

namespace crun::engine {
namespace {

constexpr mode_t kFolderMode = 0700;

struct flock lock_range(short type, int64_t start, int64_t length) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = start;
  lock.l_len = length;
  return lock;
}

// True where another open file holds a lock on that byte.
bool is_locked(int fd, int64_t byte) {
  struct flock lock = lock_range(F_WRLCK, byte, 1);
  checked(fcntl(fd, F_OFD_GETLK, &lock), "asking for a container's lock");
  return lock.l_type != F_UNLCK;
}

std::optional<Fd> find_lock(const Places& places) {
  Fd fd(open((places.state() + "/" + kLockFile).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd && errno != ENOENT) throw SysError(errno, "opening the lock of container " + places.id);
  if (!fd) return std::nullopt;
  return fd;
}

void share_byte(const Places& places, int fd, int64_t byte) {
  struct flock lock = lock_range(F_RDLCK, byte, 1);
  while (fcntl(fd, F_OFD_SETLKW, &lock) != 0) {
    if (errno != EINTR) throw SysError(errno, "waiting for container " + places.id);
  }
}

std::optional<ContainerLock> no_lock() { return std::nullopt; }

std::string transient_root(const EngineConfig& config) { return config.data_root + "/transient"; }

// Orlov's allocator then gives each folder in it a block group of its own (ext4, chattr(1) "T"). Other file systems
// refuse, and have nothing to gain.
void spread_over_disk(const Dir& folder) {
  int flags = 0;
  if (ioctl(folder.fd(), FS_IOC_GETFLAGS, &flags) != 0) return;
  flags |= FS_TOPDIR_FL;
  static_cast<void>(ioctl(folder.fd(), FS_IOC_SETFLAGS, &flags));
}

}  // namespace

Places places_of(const EngineConfig& config, const std::string& id, bool kept) {
  Places places;
  places.id = id;
  places.state_parent = (kept ? config.data_root : config.run_root) + "/containers";
  places.storage_parent = kept ? places.state_parent : transient_root(config) + "/." + id.substr(0, 1);
  places.runtime_root = config.run_root + "/runtime";
  return places;
}

Dir open_or_make_storage(const EngineConfig& config, const Places& places) {
  if (mkdir(places.storage().c_str(), kFolderMode) == 0 || errno == EEXIST) return Dir::open(places.storage());
  if (errno != ENOENT) throw SysError(errno, "making folder " + places.storage());
  if (places.storage_parent != places.state_parent) {
    spread_over_disk(Dir::open_or_make(transient_root(config), kFolderMode));
  }
  return Dir::open_or_make(places.storage(), kFolderMode);
}

std::vector<std::pair<std::string, std::vector<std::string>>> transient_storage(const EngineConfig& config) {
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (char digit : kDigits) {
    std::string folder = transient_root(config) + "/." + digit;
    Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno != ENOENT) throw SysError(errno, "opening folder " + folder);
    if (fd) found.emplace_back(folder, Dir(std::move(fd)).list());
  }
  return found;
}

std::optional<Dir> try_stop_making(const Places& places) {
  Dir folder = Dir::open_or_make(places.state_parent, kFolderMode);
  // A folder can have no other lock than flock(2)'s.
  if (flock(folder.fd(), LOCK_EX | LOCK_NB) == 0) return folder;
  if (errno == EWOULDBLOCK) return std::nullopt;
  throw SysError(errno, "locking " + places.state_parent);
}

std::optional<ContainerLock> ContainerLock::try_take_with(const Places& places, int flags) {
  Fd folder(open(places.state().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!folder && errno == ENOENT) return no_lock();
  if (!folder) throw SysError(errno, "opening the state of container " + places.id);
  Dir state(std::move(folder));
  Fd lock(openat(state.fd(), kLockFile, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
  if (!lock && errno == ENOENT) return no_lock();  // being removed
  if (!lock) throw SysError(errno, "opening the lock of container " + places.id);
  struct flock range = lock_range(F_WRLCK, 0, kLockOwned);
  if (fcntl(lock.get(), F_OFD_SETLK, &range) != 0) {
    if (errno == EAGAIN || errno == EACCES) return no_lock();
    throw SysError(errno, "locking container " + places.id);
  }
  struct stat status {};
  checked(fstat(lock.get(), &status), "reading the status of a container's lock");
  if (status.st_nlink == 0) return no_lock();  // we locked what somebody has just removed
  return ContainerLock(std::move(state), std::move(lock));
}

std::optional<ContainerLock> ContainerLock::try_take_existing(const Places& places) { return try_take_with(places, 0); }

std::optional<ContainerLock> ContainerLock::try_take(const Places& places) {
  // Until the new folder is locked, no one may take it for a leftover.
  Dir making = Dir::open_or_make(places.state_parent, kFolderMode);
  while (flock(making.fd(), LOCK_SH) != 0) {
    if (errno != EINTR) throw SysError(errno, "locking " + places.state_parent);
  }
  if (mkdir(places.state().c_str(), kFolderMode) != 0 && errno != EEXIST) {
    throw SysError(errno, "making the state folder of container " + places.id);
  }
  return try_take_with(places, O_CREAT);
}

bool has_lock(const Places& places) { return find_lock(places).has_value(); }

Condition condition_of(const Places& places) {
  Condition condition;
  std::optional<Fd> lock = find_lock(places);
  if (lock) {
    // In this order: a container that ends in between is told as ended, with its record.
    condition.unfinished = is_locked(lock->get(), kLockRunning);
    condition.attended = is_locked(lock->get(), kLockAlive);
  }
  Fd folder(open(places.state().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (folder) condition.record = read_record(Dir(std::move(folder)));
  if (condition.record && condition.record->state >= RecordState::exited && condition.unfinished) {
    // A new start has not written its record yet, or the lock is about to be released.
    condition.unfinished = is_locked(lock->get(), kLockRunning);
  }
  return condition;
}

Condition wait_while_starting(const Places& places) {
  constexpr int kTries = 2000;  // of 5 ms
  Condition condition = condition_of(places);
  for (int tries = 0; condition.unfinished && !condition.running() && tries < kTries; ++tries) {
    timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
    condition = condition_of(places);
  }
  return condition;
}

void wait_until_ended(const Places& places) {
  if (std::optional<Fd> fd = find_lock(places)) share_byte(places, fd->get(), kLockRunning);
}

bool wait_until_ended(const Places& places, int milliseconds, int pidfd) {
  pollfd polled{pidfd, POLLIN, 0};
  int ready = poll(&polled, 1, milliseconds);
  if (ready < 0 && errno != EINTR) throw SysError(errno, "waiting for container " + places.id);
  if (ready <= 0) return false;
  // Its first process is gone; its monitor writes that down at once.
  wait_until_ended(places);
  return true;
}

void wait_until_unattended(const Places& places) {
  std::optional<Fd> fd = find_lock(places);
  if (!fd) return;
  share_byte(places, fd->get(), kLockWanted);
  share_byte(places, fd->get(), kLockAlive);
}

std::optional<StatusRecord> read_record(const Dir& state) {
  Fd file(openat(state.fd(), kStatusFile, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) throw SysError(errno, "opening a container's status");
  StatusRecord record;
  ssize_t size = read(file.get(), &record, sizeof record);
  if (size != static_cast<ssize_t>(sizeof record) || record.magic != kStatusMagic) {
    throw Error(ErrorKind::internal, "a container's status record is damaged");
  }
  if (record.version != kStatusVersion) {
    throw Error(ErrorKind::unsupported, "a container's status record is of version " + std::to_string(record.version) +
                                            ", and this ctr reads " + std::to_string(kStatusVersion));
  }
  record.error[sizeof record.error - 1] = '\0';
  return record;
}

void write_record(const Dir& state, const StatusRecord& record) {
  Fd file(openat(state.fd(), kNewStatusFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) throw SysError(errno, "writing a container's status");
  if (write(file.get(), &record, sizeof record) != static_cast<ssize_t>(sizeof record)) {
    throw SysError(errno == 0 ? ENOSPC : errno, "writing a container's status");
  }
  checked(renameat(state.fd(), kNewStatusFile, state.fd(), kStatusFile), "replacing a container's status");
}

}  // namespace crun::engine
