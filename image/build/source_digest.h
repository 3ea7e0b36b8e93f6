// One digest of all that a source word of COPY takes from the context.
#pragma once

#include <string>
#include <vector>

#include "image/build/digest_index.h"
#include "image/build/source_tree.h"

namespace crun::build {

// "sha256:…" of the matches' names and, for all below them, kind, path, mode, content, link and attributes: what a
// layer gets of them. Not of owners and times: docker's context has none of the first, and a checkout's files have new
// times each time.
std::string source_digest(const SourceTree& tree, const std::vector<SourceMatch>& matches, DigestIndex& index);

}  // namespace crun::build
