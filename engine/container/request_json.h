// A container's request as JSON, as its row keeps it.
#pragma once

#include <string>

#include "crun/containers.h"

namespace crun::engine {

std::string write_request(const ContainerRequest& request);
// Throws Error{internal} for what write_request did not write.
ContainerRequest read_request(const std::string& text);

}  // namespace crun::engine
