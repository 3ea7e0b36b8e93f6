#include "libcrun/process/sync.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "crun/error.h"

namespace crun::process {
namespace {

struct Envelope {
  explicit Envelope(Message& message) noexcept : part{&message, sizeof message} {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  iovec part;
  msghdr header{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
};

}  // namespace

namespace child_side {

int send(int socket, const Message& message, int fd) noexcept {
  Message copy = message;
  Envelope envelope(copy);
  if (fd >= 0) {
    envelope.header.msg_control = envelope.control;
    envelope.header.msg_controllen = sizeof envelope.control;
    cmsghdr* header = CMSG_FIRSTHDR(&envelope.header);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  return sendmsg(socket, &envelope.header, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int wait_for_go(int socket) noexcept {
  Message message{};
  ssize_t count;
  do {
    count = recv(socket, &message, sizeof message, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  if (count == 0) return -EPIPE;
  return message.type == MessageType::go ? 0 : -EBADMSG;
}

}  // namespace child_side

std::optional<ParentSide::Received> ParentSide::receive() const {
  Received received;
  Envelope envelope(received.message);
  envelope.header.msg_control = envelope.control;
  envelope.header.msg_controllen = sizeof envelope.control;
  ssize_t count;
  // A child that ended with our message unread resets the socket, which is told once, before what it had said.
  bool was_reset = false;
  do {
    count = recvmsg(socket_.get(), &envelope.header, MSG_CMSG_CLOEXEC);
  } while (count < 0 && (errno == EINTR || (errno == ECONNRESET && !std::exchange(was_reset, true))));
  if (count == 0 || (count < 0 && errno == ECONNRESET)) return std::nullopt;
  if (count < 0) throw SysError(errno, "hearing from the container's first process");
  const cmsghdr* header = CMSG_FIRSTHDR(&envelope.header);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd.reset(fd);
  }
  if (count != sizeof(Message)) throw Error(ErrorKind::internal, "a message of the container's first process is cut");
  return received;
}

void ParentSide::wait_for_last() const {
  pollfd closed{socket_.get(), POLLRDHUP, 0};
  while (poll(&closed, 1, -1) < 0) {
    if (errno != EINTR) throw SysError(errno, "waiting for the container's first process");
  }
}

void ParentSide::send_go() const {
  Message message{MessageType::go, Step::none, 0, -1};
  if (child_side::send(socket_.get(), message) != 0 && errno != EPIPE && errno != ECONNRESET) {
    throw SysError(errno, "telling the container's first process to go on");
  }
}

}  // namespace crun::process
