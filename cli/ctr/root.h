// What stands before the command: ctr's own options, and the help about all commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/command/parse.h"
#include "crun/engine.h"

namespace crun::cli {

const Grammar& root_grammar();

// From the options, else the environment (CTR_ROOT, CTR_RUN_ROOT, CTR_LIBEXEC), else the defaults.
EngineConfig engine_config(const Options& options);

// What the library logs from now on goes to stderr from the level of --debug or --log-level on.
void set_log_level(const Options& options);

std::string root_help();
// family: "container", "image", …
std::string family_help(std::string_view family);

}  // namespace crun::cli
