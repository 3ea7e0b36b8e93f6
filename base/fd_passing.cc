#include "base/fd_passing.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace crun {
namespace {

constexpr size_t kMostFds = 8;

union Control {
  cmsghdr header;
  char space[CMSG_SPACE(sizeof(int) * kMostFds)];
};

}  // namespace

bool send_with_fds(int socket, const void* bytes, size_t size, const int* fds, size_t count) noexcept {
  Control control{};
  iovec part{const_cast<void*>(bytes), size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  int present[kMostFds];
  size_t number = 0;
  for (size_t i = 0; i < count && number < kMostFds; ++i) {
    if (fds[i] >= 0) present[number++] = fds[i];
  }
  if (number > 0) {
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * number);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * number);
    memcpy(CMSG_DATA(header), present, sizeof(int) * number);
  }
  ssize_t sent = -1;
  do {
    sent = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

bool send_with_fd(int socket, const void* bytes, size_t size, int fd) noexcept {
  return send_with_fds(socket, bytes, size, &fd, 1);
}

ssize_t receive_with_fds(int socket, void* bytes, size_t capacity, Fd* fds, size_t count) noexcept {
  Control control{};
  iovec part{bytes, capacity};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control;
  ssize_t size = -1;
  do {
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return size;
  size_t next = 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t number = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < number; ++i) {
      int fd = -1;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      Fd owned(fd);
      if (next < count) fds[next++] = std::move(owned);
    }
  }
  return size;
}

ssize_t receive_with_fd(int socket, void* bytes, size_t capacity, Fd& fd) noexcept {
  return receive_with_fds(socket, bytes, capacity, &fd, 1);
}

}  // namespace crun
