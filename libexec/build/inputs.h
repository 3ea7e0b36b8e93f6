// What a build reads before it begins: the Dockerfile, its ignore rules, the context.
#pragma once

#include <cstdint>
#include <optional>
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

// What came by stdin: the folder that an archive was unpacked into, or an empty one beside a Dockerfile.
struct StreamedContext {
  Dir folder;
  std::optional<std::string> dockerfile;
};

// Copies stdin to `to`. Ends with Error{busy} where `stop` becomes readable before, with Error{invalid} beyond `most`
// bytes.
void copy_stdin(int to, uint64_t most, int stop);

// streamed: for a request whose context is "-". Throws Error{not_found}, Error{invalid}, SysError, each with the path
// or the word that is wrong.
BuildInputs read_inputs(const Request& request, std::optional<StreamedContext> streamed, int stop);

}  // namespace crun::build
