// rtnetlink(7), as much as moving a network interface needs: links by name, their addresses, and changes to both.
#pragma once

#include <linux/rtnetlink.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crun/fd.h"

namespace crun::ns {

// One request: header, the family's own struct, attributes.
class RouteRequest {
 public:
  // type: RTM_*. flags: NLM_F_* beside NLM_F_REQUEST.
  template <typename Body>
  RouteRequest(uint16_t type, uint16_t flags, const Body& body) : RouteRequest(type, flags) {
    append(&body, sizeof body);
  }
  RouteRequest& add(uint16_t attribute, const void* data, size_t size);
  RouteRequest& add(uint16_t attribute, std::string_view data) { return add(attribute, data.data(), data.size()); }
  RouteRequest& add_text(uint16_t attribute, const std::string& text) {
    return add(attribute, text.c_str(), text.size() + 1);
  }
  RouteRequest& add_number(uint16_t attribute, uint32_t number) { return add(attribute, &number, sizeof number); }

  std::string finished(uint32_t sequence) const;

 private:
  RouteRequest(uint16_t type, uint16_t flags);
  void append(const void* data, size_t size);
  std::string bytes_;
};

// An address of an interface as the kernel tells it, less what belongs to the interface itself.
struct LinkAddress {
  ifaddrmsg header{};
  uint32_t flags = 0;  // IFA_F_*, all 32 bits
  struct Attribute {
    uint16_t type = 0;
    std::string data;
  };
  std::vector<Attribute> attributes;
};

// Of the network namespace that the thread is in when it is made: it stays there.
class RouteSocket {
 public:
  RouteSocket();  // throws SysError

  std::optional<int> find_link(const std::string& name) const;  // its index
  std::vector<LinkAddress> addresses(int link) const;
  // Sends it and waits for the kernel's word: 0 or -errno. Throws SysError where the kernel cannot be asked.
  int request(const RouteRequest& request) const;

 private:
  template <typename Take>
  int exchange(const RouteRequest& request, const Take& take) const;
  Fd socket_;
  mutable uint32_t sequence_ = 0;
};

}  // namespace crun::ns
