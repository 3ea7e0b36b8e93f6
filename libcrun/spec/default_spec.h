// What `ctr-runtime spec` writes: a container that runs `sh` on a terminal, with the usual mounts and six namespaces.
#pragma once

#include "crun/export.h"
#include "libcrun/spec/spec.h"

namespace crun::spec {

CRUN_API Spec default_spec();

}  // namespace crun::spec
