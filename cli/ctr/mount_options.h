// What -v, --mount and --tmpfs ask for.
#pragma once

#include <string>

#include "crun/containers.h"

namespace crun::cli {

// Each appends to the request. Throws Error{invalid} with the option's own text in it, Error{unsupported} for what
// this release has not (named volumes).
void add_volume(ContainerRequest& request, const std::string& text);  // SOURCE:TARGET[:OPTIONS]
void add_mount(ContainerRequest& request, const std::string& text);   // type=…,source=…,target=…
void add_tmpfs(ContainerRequest& request, const std::string& text);   // TARGET[:OPTIONS]

// path as the user typed it, made absolute from the working folder.
std::string absolute_path(const std::string& path);

}  // namespace crun::cli
