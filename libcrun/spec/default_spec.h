// What `ctr-runtime spec` writes: a container that runs `sh` on a terminal, with the usual mounts and six namespaces.
#pragma once

#include "libcrun/spec/spec.h"

namespace crun::spec {

Spec default_spec();

}  // namespace crun::spec
