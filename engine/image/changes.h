// `ctr import --change`: one instruction of a Dockerfile, applied to a configuration.
#pragma once

#include <string>

#include "image/oci/config.h"

namespace crun::engine {

// change: "CMD [\"sh\"]", "ENV A=b". Throws Error{invalid} for an instruction that does not describe an image (RUN,
// COPY, …), and as the Dockerfile's parser does.
void apply_change(image::ContainerConfig& config, const std::string& change);

}  // namespace crun::engine
