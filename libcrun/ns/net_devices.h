// linux.netDevices: interfaces of the host that a container gets (config-linux.md "Network Devices").
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libcrun/ns/route_socket.h"
#include "libcrun/spec/spec.h"

namespace crun::ns {

// Moves each into the network namespace of a process, under its new name, with its permanent global addresses, and sets
// it up. All are looked for first; where one cannot be moved, those before it are moved back. A device whose new name
// ends with %d gets the first number that is free. pidfd: of a process in the namespace; Linux 5.8.
// Throws Error{not_found}, Error{exists}, Error{invalid} where that is our own namespace, SysError.
void move_net_devices(int pidfd, const std::map<std::string, spec::NetDevice>& devices);

// Of an interface's addresses those that it keeps: permanent and of global scope.
std::vector<LinkAddress> kept_addresses(std::vector<LinkAddress> addresses);

}  // namespace crun::ns
