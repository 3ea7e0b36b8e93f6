// What `ctr-runtime spec` writes: a container that runs `sh` on a terminal, with the usual mounts and six namespaces.
#pragma once

#include "crun/export.h"
#include "libcrun/spec/spec.h"

namespace crun::spec {

CRUN_API Spec default_spec();

// The same for a caller without rights: a user namespace in which root is that user; no network namespace, which it
// could not connect; the host's /sys bound; no resources. uid, gid: the caller's.
CRUN_API Spec rootless_spec(uint32_t uid, uint32_t gid);

}  // namespace crun::spec
