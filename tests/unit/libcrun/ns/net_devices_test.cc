#include "libcrun/ns/net_devices.h"

#include <doctest/doctest.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>

#include <cstring>

#include "libcrun/ns/route_socket.h"

using namespace crun::ns;

TEST_CASE("of an interface's addresses the permanent and global ones are kept") {
  auto address = [](uint32_t flags, unsigned char scope) {
    LinkAddress result;
    result.flags = flags;
    result.header.ifa_scope = scope;
    return result;
  };
  std::vector<LinkAddress> kept = kept_addresses({
      address(IFA_F_PERMANENT, RT_SCOPE_UNIVERSE),
      address(IFA_F_PERMANENT, RT_SCOPE_LINK),
      address(0, RT_SCOPE_UNIVERSE),
      address(IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE, RT_SCOPE_UNIVERSE),
  });
  REQUIRE(kept.size() == 2);
  CHECK(kept[1].flags == (IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE));
}

TEST_CASE("a request has its length, its sequence, and attributes that begin at a multiple of four") {
  ifinfomsg link{};
  link.ifi_index = 7;
  RouteRequest request(RTM_NEWLINK, NLM_F_ACK, link);
  request.add_text(IFLA_IFNAME, "eth10").add_number(IFLA_NET_NS_FD, 3);
  std::string bytes = request.finished(42);
  nlmsghdr header{};
  memcpy(&header, bytes.data(), sizeof header);
  CHECK(header.nlmsg_len == bytes.size());
  CHECK(header.nlmsg_seq == 42);
  CHECK(header.nlmsg_type == RTM_NEWLINK);
  CHECK(header.nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
  size_t at = NLMSG_LENGTH(sizeof link);
  rtattr name{};
  memcpy(&name, bytes.data() + at, sizeof name);
  CHECK(name.rta_type == IFLA_IFNAME);
  CHECK(name.rta_len == RTA_LENGTH(6));
  CHECK(std::string(bytes.data() + at + sizeof name) == "eth10");
  at += RTA_SPACE(6);
  rtattr number{};
  memcpy(&number, bytes.data() + at, sizeof number);
  CHECK(number.rta_type == IFLA_NET_NS_FD);
  CHECK(number.rta_len == RTA_LENGTH(4));
  CHECK(at + RTA_SPACE(4) == bytes.size());
}
