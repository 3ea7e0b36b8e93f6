// config.json -> Spec. Unknown properties are ignored, as config.md "Extensibility" demands; a known one of the wrong
// type, range or enumeration is an error that names its place.
#pragma once

#include <string_view>

#include "crun/export.h"
#include "libcrun/spec/spec.h"

namespace crun::spec {

// text: the file's content, at most 4 MiB and 64 levels deep. name: what errors call the file ("config.json").
// Throws Error{invalid}, "config.json: process.rlimits[2].type: unknown limit 'RLIMIT_X'".
CRUN_API Spec parse(std::string_view text, std::string_view name = "config.json");

// A process document alone, as `exec --process` takes it (errors: "process.json: cwd: …").
CRUN_API Process parse_process(std::string_view text, std::string_view name);

// Resources alone, as `update --resources` takes them.
CRUN_API Resources parse_resources(std::string_view text, std::string_view name);

// A seccomp profile alone: linux.seccomp's form.
CRUN_API Seccomp parse_seccomp(std::string_view text, std::string_view name);

// A state document (runtime.md "State").
CRUN_API State parse_state(std::string_view text, std::string_view name);

}  // namespace crun::spec
