// What a build reads before it begins: the Dockerfile, its ignore rules, the context.
#pragma once

#include <string>
#include <vector>

#include "base/dir.h"
#include "image/build/ignore.h"
#include "image/build/request.h"
#include "image/dockerfile/source.h"
#include "image/oci/reference.h"

namespace crun::build {

struct BuildInputs {
  Dir context;
  dockerfile::Source source;
  IgnoreRules ignore;
  std::vector<image::Reference> names;  // with tags
};

// Throws Error{not_found}, Error{invalid}, SysError, each with the path or the word that is wrong.
BuildInputs read_inputs(const Request& request);

}  // namespace crun::build
