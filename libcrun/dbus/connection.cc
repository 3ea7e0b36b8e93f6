#include "libcrun/dbus/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace crun::dbus {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCallTimeout{25};

Clock::time_point call_deadline() { return Clock::now() + kCallTimeout; }

std::string unescape(std::string_view text) {
  auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      result.push_back(static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])));
      i += 2;
    } else {
      result.push_back(text[i]);
    }
  }
  return result;
}

// The value of `key` in "path=/run/bus,guid=12".
std::string_view value_in(std::string_view pairs, std::string_view key) {
  while (!pairs.empty()) {
    std::string_view pair = pairs.substr(0, pairs.find(','));
    if (pair.size() > key.size() && pair.substr(0, key.size()) == key && pair[key.size()] == '=') {
      return pair.substr(key.size() + 1);
    }
    pairs.remove_prefix(std::min(pair.size() + 1, pairs.size()));
  }
  return {};
}

// Empty where nobody listens.
Fd connect_to(const Address& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  size_t begin = address.abstract ? 1 : 0;
  if (begin + address.path.size() >= sizeof name.sun_path) {
    throw Error(ErrorKind::invalid, "D-Bus: the socket's path " + address.path + " is too long");
  }
  memcpy(name.sun_path + begin, address.path.data(), address.path.size());
  Fd socket(checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "making a socket"));
  size_t size = offsetof(sockaddr_un, sun_path) + begin + address.path.size() + (address.abstract ? 0 : 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), static_cast<socklen_t>(size)) == 0) return socket;
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return {};
  throw SysError(errno, "connecting to " + address.path);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  while (!text.empty()) {
    std::string_view entry = text.substr(0, text.find(';'));
    if (entry.substr(0, kUnix.size()) == kUnix) {
      std::string_view pairs = entry.substr(kUnix.size());
      if (std::string_view path = value_in(pairs, "path"); !path.empty()) return Address{unescape(path)};
      if (std::string_view name = value_in(pairs, "abstract"); !name.empty()) return Address{unescape(name), true};
    }
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
  }
  return std::nullopt;
}

std::optional<Connection> Connection::find(const Address& address) {
  Fd socket = connect_to(address);
  if (!socket) return std::nullopt;
  Connection connection(std::move(socket));
  connection.authenticate();
  if (address.is_bus) {
    Message hello;
    hello.destination = "org.freedesktop.DBus";
    hello.path = "/org/freedesktop/DBus";
    hello.interface = "org.freedesktop.DBus";
    hello.member = "Hello";
    connection.call(std::move(hello));
  }
  return connection;
}

void Connection::authenticate() {
  // Without an identity the other side takes the one that the kernel gives it (SO_PEERCRED): ours may be another one
  // there, where we are in a user namespace.
  static constexpr char kLines[] = "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n";
  send(std::string_view(kLines, sizeof kLines - 1));
  Clock::time_point deadline = call_deadline();
  for (;;) {
    size_t end = received_.find("\r\n");
    if (end == std::string::npos) {
      constexpr size_t kLongestLine = 4096;
      if (received_.size() > kLongestLine || !fill(received_.size() + 1, deadline)) {
        throw Error(ErrorKind::system, "D-Bus: no answer to our authentication");
      }
      continue;
    }
    std::string line = received_.substr(0, end);
    received_.erase(0, end + 2);
    if (line.rfind("OK ", 0) == 0) return;
    if (line != "DATA") throw Error(ErrorKind::denied, "D-Bus: our authentication was answered by '" + line + "'");
  }
}

void Connection::send(std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "D-Bus: sending");
    text.remove_prefix(static_cast<size_t>(count));
  }
}

// Until `received_` holds so many bytes. False when time is up.
bool Connection::fill(size_t size, Clock::time_point deadline) {
  std::array<char, 4096> buffer;
  while (received_.size() < size) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd polled{socket_.get(), POLLIN, 0};
    int ready = poll(&polled, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) throw SysError(errno, "D-Bus: waiting");
    if (ready <= 0) continue;
    ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "D-Bus: receiving");
    if (count == 0) throw Error(ErrorKind::system, "D-Bus: the other side has closed the connection");
    received_.append(buffer.data(), static_cast<size_t>(count));
  }
  return true;
}

std::optional<Message> Connection::receive(Clock::time_point deadline) {
  if (!fill(kFixedHeader, deadline)) return std::nullopt;
  size_t size = message_size(received_);
  if (!fill(size, deadline)) return std::nullopt;
  Message message = unmarshal(std::string_view(received_).substr(0, size));
  received_.erase(0, size);
  return message;
}

Message Connection::call(Message request) {
  request.type = MessageType::method_call;
  request.serial = ++serial_;
  send(marshal(request));
  Clock::time_point deadline = call_deadline();
  while (std::optional<Message> message = receive(deadline)) {
    if (message->type == MessageType::signal) {
      signals_.push_back(std::move(*message));
    } else if (message->reply_serial == request.serial) {
      if (message->type == MessageType::method_return) return std::move(*message);
      std::string text = message->signature.substr(0, 1) == "s" ? Reader(message->body).string() : message->error_name;
      throw CallError(message->error_name, request.member + ": " + text);
    }
  }
  throw Error(ErrorKind::system, "D-Bus: no answer to " + request.member + " in 25 seconds");
}

std::optional<Message> Connection::next_signal(Clock::time_point deadline) {
  if (!signals_.empty()) {
    Message first = std::move(signals_.front());
    signals_.erase(signals_.begin());
    return first;
  }
  while (std::optional<Message> message = receive(deadline)) {
    if (message->type == MessageType::signal) return message;
  }
  return std::nullopt;
}

}  // namespace crun::dbus
