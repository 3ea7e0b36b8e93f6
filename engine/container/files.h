// What the engine mounts into each container: hosts, hostname, resolv.conf; and the folders that binds ask for.
#pragma once

#include <string>

#include "base/dir.h"
#include "crun/containers.h"

namespace crun::engine {

// Writes the three into the container's state folder.
void write_container_files(const Dir& folder, const ContainerRequest& request, const std::string& hostname);

// The text of /etc/hosts for a container with a network namespace of its own.
std::string hosts_text(const std::string& hostname);

// Sources of binds that do not exist become folders, where they may.
void make_bind_sources(const ContainerRequest& request);

}  // namespace crun::engine
