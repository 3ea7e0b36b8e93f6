#include "libcrun/process/sync.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

using namespace crun;
using namespace crun::process;

TEST_CASE("messages, one a datagram, with a descriptor where there is one") {
  SocketPair pair = SocketPair::make();
  ParentSide parent(std::move(pair.ours));
  int child = pair.theirs.get();
  CHECK(child_side::send(child, Message{MessageType::failed, Step::mount, EPERM, 3}) == 0);
  Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(child_side::send(child, Message{MessageType::terminal, Step::none, 0, -1}, null.get()) == 0);
  std::optional<ParentSide::Received> first = parent.receive();
  REQUIRE(first);
  CHECK(first->message.step == Step::mount);
  CHECK(first->message.error == EPERM);
  CHECK(first->message.index == 3);
  CHECK_FALSE(first->fd);
  std::optional<ParentSide::Received> second = parent.receive();
  REQUIRE(second);
  REQUIRE(second->fd);
  CHECK((fcntl(second->fd.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("go, and the end of either side") {
  SocketPair pair = SocketPair::make();
  std::optional<ParentSide> parent(std::move(pair.ours));
  parent->send_go();
  CHECK(child_side::wait_for_go(pair.theirs.get()) == 0);
  parent.reset();
  CHECK(child_side::wait_for_go(pair.theirs.get()) == -EPIPE);

  SocketPair other = SocketPair::make();
  ParentSide alone(std::move(other.ours));
  other.theirs.reset();
  CHECK_FALSE(alone.receive());
  alone.send_go();  // nobody hears it, and that is no error here
}

TEST_CASE("what a child said before its end is heard, also where it left a go unread") {
  SocketPair pair = SocketPair::make();
  ParentSide parent(std::move(pair.ours));
  parent.send_go();
  CHECK(child_side::send(pair.theirs.get(), Message{MessageType::failed, Step::pivot, ENOSYS, -1}) == 0);
  pair.theirs.reset();
  std::optional<ParentSide::Received> received = parent.receive();
  REQUIRE(received);
  CHECK(received->message.step == Step::pivot);
  CHECK_FALSE(parent.receive());
}
