// The facts of this machine that a spec depends on: a few cheap reads.
#pragma once

#include "engine/spec/generate.h"

namespace crun::engine {

// devices: list /dev too, for `--privileged`.
HostFacts host_facts(bool devices);

// /etc/resolv.conf for a container, from the host's: resolved's upstream file in place of its stub, and no servers on
// the host's own loopback, which a container with its own network cannot reach.
std::string container_resolv_conf(const std::string& host_text, bool host_network);
std::string read_resolv_conf(bool host_network);

}  // namespace crun::engine
