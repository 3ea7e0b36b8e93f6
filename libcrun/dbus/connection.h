// A connection to a message bus, or straight to a program that speaks D-Bus, over a unix socket.
// Source: the D-Bus specification, "Authentication Protocol" and "Message Bus Messages".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "crun/error.h"
#include "crun/fd.h"
#include "libcrun/dbus/message.h"

namespace crun::dbus {

// The other side refused a call.
class CallError : public Error {
 public:
  CallError(std::string name, std::string text) : Error(ErrorKind::system, std::move(text)), name_(std::move(name)) {}
  const std::string& name() const noexcept { return name_; }  // "org.freedesktop.systemd1.NoSuchUnit"

 private:
  std::string name_;
};

struct Address {
  std::string path;  // of the socket; of the abstract namespace where `abstract`
  bool abstract = false;
  bool is_bus = true;  // false: straight to the program, with nobody to name or to route
};

// The first unix socket of an address such as "unix:path=/run/dbus/system_bus_socket;…"; nothing where there is none.
// Values may hold %XX ("Server Addresses").
std::optional<Address> parse_address(std::string_view text);

class Connection {
 public:
  // Connects, says who we are (EXTERNAL: the kernel tells the other side), and takes a name where it is a bus. Nothing
  // where nobody listens there. Throws Error{denied} where we are not let in, SysError.
  static std::optional<Connection> find(const Address& address);

  // Sends a method call and waits for its answer, up to 25 seconds as others do. Throws CallError, Error{system}.
  Message call(Message request);

  // Signals that came while something else was waited for, then new ones, until `deadline`. Nothing when it is over.
  std::optional<Message> next_signal(std::chrono::steady_clock::time_point deadline);

 private:
  explicit Connection(Fd socket) : socket_(std::move(socket)) {}
  void authenticate();
  void send(std::string_view text);
  // Nothing when time is up.
  std::optional<Message> receive(std::chrono::steady_clock::time_point deadline);
  bool fill(size_t size, std::chrono::steady_clock::time_point deadline);

  Fd socket_;
  std::string received_;  // not yet looked at
  uint32_t serial_ = 0;
  std::vector<Message> signals_;
};

}  // namespace crun::dbus
