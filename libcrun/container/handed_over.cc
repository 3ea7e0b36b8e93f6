#include "libcrun/container/handed_over.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/fd_passing.h"
#include "crun/error.h"

namespace crun::container {

Fd connect_unix(const std::string& path, const std::string& what) {
  if (path.empty()) return {};
  Fd socket(checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  // sun_path holds 108 bytes: a longer path goes by its folder's descriptor.
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd parent(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!parent) throw SysError(errno, "opening the folder of " + what + " " + path);
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  std::string address_path = "/proc/self/fd/" + std::to_string(parent.get()) + "/" + name;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (address_path.size() >= sizeof address.sun_path) {
    throw Error(ErrorKind::invalid, what + " " + path + ": its name is too long");
  }
  memcpy(address.sun_path, address_path.c_str(), address_path.size() + 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw SysError(errno, "connecting to " + what + " " + path + "; somebody must listen there");
  }
  return socket;
}

void hand_over_terminal(int socket, int master) {
  constexpr std::string_view kName = "/dev/ptmx";  // receivers want at least one byte; runc sends the name
  if (socket < 0 || send_with_fd(socket, kName.data(), kName.size(), master)) return;
  throw SysError(errno, "sending the terminal to the console socket");
}

void hand_over_pidfd(int socket, int pidfd, const std::string& kind) {
  if (socket < 0 || send_with_fd(socket, kind.data(), kind.size(), pidfd)) return;
  throw SysError(errno, "sending the pidfd to its socket");
}

}  // namespace crun::container
