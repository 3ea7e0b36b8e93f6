// Spec -> config.json, in canonical form: keys sorted, what is absent left out. parse(write(spec)) == spec.
#pragma once

#include <string>

#include "libcrun/spec/spec.h"

namespace crun::spec {

std::string write(const Spec& spec);
std::string write_indented(const Spec& spec);  // four spaces, as `spec` leaves it for people to edit
std::string write(const Process& process);
std::string write(const Resources& resources);
std::string write(const Seccomp& seccomp);
// What `state` prints and hooks read on stdin.
std::string write(const State& state);

}  // namespace crun::spec
