#include "libcrun/ns/net_devices.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/log.h"
#include "crun/error.h"

namespace crun::ns {
namespace {

Fd open_own_namespace() {
  return Fd(checked(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "opening the network namespace"));
}

// A network namespace, and what asks its kernel's side.
struct Side {
  Fd space;
  RouteSocket route;
};

Side side_of(int pidfd, const Fd& own) {
  checked(setns(pidfd, CLONE_NEWNET), "joining the container's network namespace");
  // Whatever happens this thread goes back: what it did next would be done to the container's network.
  struct Return {
    int own;
    ~Return() {
      if (setns(own, CLONE_NEWNET) != 0) std::abort();
    }
  } back{own.get()};
  return Side{open_own_namespace(), RouteSocket()};
}

bool is_same(const Fd& a, const Fd& b) {
  struct stat first {};
  struct stat second {};
  checked(fstat(a.get(), &first), "reading the status of a network namespace");
  checked(fstat(b.get(), &second), "reading the status of a network namespace");
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

struct Move {
  std::string from;
  std::string to;
  std::vector<LinkAddress> addresses;
};

int set_up(const RouteSocket& route, int index) {
  ifinfomsg link{};
  link.ifi_index = index;
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  return route.request(RouteRequest(RTM_NEWLINK, NLM_F_ACK, link));
}

int add_address(const RouteSocket& route, int index, const LinkAddress& address) {
  // The rest is the kernel's own word on it.
  constexpr uint32_t kAsked =
      IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
  ifaddrmsg header = address.header;
  header.ifa_index = static_cast<uint32_t>(index);
  header.ifa_flags = 0;
  RouteRequest request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, header);
  request.add_number(IFA_FLAGS, address.flags & kAsked);
  for (const LinkAddress::Attribute& attribute : address.attributes) {
    // A label begins with the interface's name, which may be another now; the cache's times are the kernel's.
    if (attribute.type != IFA_LABEL && attribute.type != IFA_CACHEINFO) request.add(attribute.type, attribute.data);
  }
  return route.request(request);
}

// Step by step; 0 or -errno, and what was being done.
int move(const Move& device, const Side& from, const Side& to, const char*& what) {
  what = "moving network device ";
  std::optional<int> index = from.route.find_link(device.from);
  if (!index) return -ENODEV;
  ifinfomsg link{};
  link.ifi_index = *index;
  RouteRequest request(RTM_NEWLINK, NLM_F_ACK, link);
  request.add_number(IFLA_NET_NS_FD, static_cast<uint32_t>(to.space.get())).add_text(IFLA_IFNAME, device.to);
  int error = from.route.request(request);
  if (error != 0) return error;
  std::optional<int> moved = to.route.find_link(device.to);
  if (!moved) return -ENODEV;
  what = "giving its addresses to network device ";
  for (const LinkAddress& address : device.addresses) {
    if (error == 0) error = add_address(to.route, *moved, address);
  }
  if (error != 0) return error;
  what = "setting up network device ";
  return set_up(to.route, *moved);
}

void move_back(const std::vector<Move>& devices, size_t count, const Side& host, const Side& container) {
  for (size_t i = 0; i < count; ++i) {
    Move back{devices[i].to, devices[i].from, devices[i].addresses};
    if (!container.route.find_link(back.from)) continue;
    const char* what = "";
    int error = move(back, container, host, what);
    if (error != 0) log_warning("moving network device " + back.to + " back: " + SysError(-error, what).text());
  }
}

bool is_taken(const std::string& name, const Side& side, const std::vector<Move>& planned) {
  bool is_planned = std::any_of(planned.begin(), planned.end(), [&](const Move& move) { return move.to == name; });
  return is_planned || side.route.find_link(name).has_value();
}

// The spec's "template": "eth%d" is the first of eth0, eth1… that is free.
std::string resolved_name(const std::string& wanted, const Side& container, const std::vector<Move>& planned) {
  if (wanted.size() < 2 || wanted.substr(wanted.size() - 2) != "%d") {
    if (!is_taken(wanted, container, planned)) return wanted;
    throw Error(ErrorKind::exists, "linux.netDevices: the container's network namespace has a device " + wanted +
                                       " already; give another name, or one that ends with %d");
  }
  std::string stem = wanted.substr(0, wanted.size() - 2);
  for (int number = 0;; ++number) {
    std::string name = stem + std::to_string(number);
    if (name.size() >= IFNAMSIZ) throw Error(ErrorKind::exists, "linux.netDevices: no number is free for " + wanted);
    if (!is_taken(name, container, planned)) return name;
  }
}

std::vector<Move> plan(const std::map<std::string, spec::NetDevice>& devices, const Side& host, const Side& container) {
  std::vector<Move> moves;
  for (const auto& [name, device] : devices) {
    std::optional<int> index = host.route.find_link(name);
    if (!index) throw Error(ErrorKind::not_found, "linux.netDevices: there is no network device " + name);
    std::string wanted = device.name.empty() ? name : device.name;
    moves.push_back({name, resolved_name(wanted, container, moves), kept_addresses(host.route.addresses(*index))});
  }
  return moves;
}

}  // namespace

std::vector<LinkAddress> kept_addresses(std::vector<LinkAddress> addresses) {
  auto is_passing = [](const LinkAddress& address) {
    return (address.flags & IFA_F_PERMANENT) == 0 || address.header.ifa_scope != RT_SCOPE_UNIVERSE;
  };
  addresses.erase(std::remove_if(addresses.begin(), addresses.end(), is_passing), addresses.end());
  return addresses;
}

void move_net_devices(int pidfd, const std::map<std::string, spec::NetDevice>& devices) {
  if (devices.empty()) return;
  Side host{open_own_namespace(), RouteSocket()};
  Side container = side_of(pidfd, host.space);
  if (is_same(host.space, container.space)) {
    throw Error(ErrorKind::invalid, "linux.netDevices: the network namespace to join is our own");
  }
  std::vector<Move> moves = plan(devices, host, container);
  for (size_t i = 0; i < moves.size(); ++i) {
    const char* what = "";
    int error = move(moves[i], host, container, what);
    if (error == 0) continue;
    move_back(moves, i + 1, host, container);
    throw SysError(-error, std::string(what) + moves[i].from + " (in the container " + moves[i].to + ")");
  }
}

}  // namespace crun::ns
