// Spec -> config.json, in canonical form: keys sorted, what is absent left out. parse(write(spec)) == spec.
#pragma once

#include <string>

#include "crun/export.h"
#include "libcrun/spec/spec.h"

namespace crun::spec {

CRUN_API std::string write(const Spec& spec);
CRUN_API std::string write_indented(const Spec& spec);  // four spaces, as `spec` leaves it for people to edit
CRUN_API std::string write(const Process& process);
CRUN_API std::string write(const Resources& resources);
CRUN_API std::string write(const Seccomp& seccomp);
// What `state` prints and hooks read on stdin.
CRUN_API std::string write(const State& state);

}  // namespace crun::spec
