#include "libcrun/ns/route_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "crun/error.h"

namespace crun::ns {
namespace {

constexpr size_t kBufferSize = 32768;  // netlink(7): what the kernel sends at most in one datagram

template <typename Take>
void each_attribute(const char* data, size_t size, const Take& take) {
  while (size >= sizeof(rtattr)) {
    rtattr attribute{};
    memcpy(&attribute, data, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > size) return;
    take(static_cast<uint16_t>(attribute.rta_type & NLA_TYPE_MASK),
         std::string_view(data + sizeof attribute, attribute.rta_len - sizeof attribute));
    size_t step = std::min(size, size_t{RTA_ALIGN(attribute.rta_len)});
    data += step;
    size -= step;
  }
}

LinkAddress read_address(std::string_view body) {
  LinkAddress address;
  memcpy(&address.header, body.data(), sizeof address.header);
  address.flags = address.header.ifa_flags;
  each_attribute(body.data() + sizeof address.header, body.size() - sizeof address.header,
                 [&](uint16_t type, std::string_view data) {
                   if (type == IFA_FLAGS && data.size() == sizeof address.flags) {
                     memcpy(&address.flags, data.data(), sizeof address.flags);
                   } else {
                     address.attributes.push_back({type, std::string(data)});
                   }
                 });
  return address;
}

}  // namespace

RouteRequest::RouteRequest(uint16_t type, uint16_t flags) {
  nlmsghdr header{};
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(flags | NLM_F_REQUEST);
  append(&header, sizeof header);
}

void RouteRequest::append(const void* data, size_t size) {
  bytes_.append(static_cast<const char*>(data), size);
  bytes_.append(NLMSG_ALIGN(bytes_.size()) - bytes_.size(), '\0');
}

RouteRequest& RouteRequest::add(uint16_t attribute, const void* data, size_t size) {
  rtattr header{};
  header.rta_type = attribute;
  header.rta_len = static_cast<uint16_t>(RTA_LENGTH(size));
  bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
  append(data, size);
  return *this;
}

std::string RouteRequest::finished(uint32_t sequence) const {
  std::string bytes = bytes_;
  nlmsghdr header{};
  memcpy(&header, bytes.data(), sizeof header);
  header.nlmsg_len = static_cast<uint32_t>(bytes.size());
  header.nlmsg_seq = sequence;
  memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

RouteSocket::RouteSocket()
    : socket_(checked(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "making a netlink socket")) {}

// Each message of the answer but its end goes to `take`; 0 or the -errno of its end.
template <typename Take>
int RouteSocket::exchange(const RouteRequest& request, const Take& take) const {
  std::string bytes = request.finished(++sequence_);
  checked(send(socket_.get(), bytes.data(), bytes.size(), 0), "asking the kernel by netlink");
  std::string buffer(kBufferSize, '\0');
  for (;;) {
    ssize_t count = checked(recv(socket_.get(), buffer.data(), buffer.size(), 0), "reading an answer by netlink");
    std::string_view rest(buffer.data(), static_cast<size_t>(count));
    while (rest.size() >= sizeof(nlmsghdr)) {
      nlmsghdr header{};
      memcpy(&header, rest.data(), sizeof header);
      if (header.nlmsg_len < sizeof header || header.nlmsg_len > rest.size()) return -EBADMSG;
      std::string_view body = rest.substr(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
      rest.remove_prefix(std::min(rest.size(), size_t{NLMSG_ALIGN(header.nlmsg_len)}));
      if (header.nlmsg_seq != sequence_) continue;
      if (header.nlmsg_type == NLMSG_DONE) return 0;
      if (header.nlmsg_type == NLMSG_ERROR) {
        int error = 0;
        if (body.size() < sizeof error) return -EBADMSG;
        memcpy(&error, body.data(), sizeof error);
        return error;
      }
      take(body);
    }
  }
}

int RouteSocket::request(const RouteRequest& request) const {
  return exchange(request, [](std::string_view) {});
}

std::optional<int> RouteSocket::find_link(const std::string& name) const {
  std::optional<int> index;
  RouteRequest question(RTM_GETLINK, NLM_F_ACK, ifinfomsg{});
  question.add_text(IFLA_IFNAME, name);
  int error = exchange(question, [&](std::string_view body) {
    ifinfomsg link{};
    if (body.size() < sizeof link) return;
    memcpy(&link, body.data(), sizeof link);
    index = link.ifi_index;
  });
  if (error == -ENODEV) return std::nullopt;
  if (error != 0) throw SysError(-error, "looking for network device " + name);
  return index;
}

std::vector<LinkAddress> RouteSocket::addresses(int link) const {
  std::vector<LinkAddress> found;
  int error = exchange(RouteRequest(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}), [&](std::string_view body) {
    if (body.size() < sizeof(ifaddrmsg)) return;
    LinkAddress address = read_address(body);
    if (static_cast<int>(address.header.ifa_index) == link) found.push_back(std::move(address));
  });
  if (error != 0) throw SysError(-error, "reading the addresses of network devices");
  return found;
}

}  // namespace crun::ns
