// A step's key names all that its result depends on, so that a miss can say which of them changed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "image/build/evaluate.h"
#include "image/oci/digest.h"

namespace crun::build {

using Inputs = std::map<std::string, std::string>;

// "sha256:…" of names and values; no two different maps give the same.
std::string cache_key(const Inputs& inputs);

// What the layers below are, as one digest; "" for none. diff_ids: base first.
std::string parent_digest(const std::vector<image::Digest>& diff_ids);

Inputs run_inputs(const RunStep& step, const std::string& parent, std::string_view network);
// sources: for each source word its digest: of what the context holds, or of the layers that it is taken from.
Inputs copy_inputs(const CopyStep& step, const std::string& parent, const std::vector<std::string>& sources);
Inputs folder_inputs(const FolderStep& step, const std::string& parent);

}  // namespace crun::build
