// One entry of `ctr`'s table of commands: what it takes, and what it does.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command/grammar.h"
#include "cli/command/parse.h"
#include "crun/engine.h"

namespace crun::cli {

enum class Group { common, containers, images, host };

struct Command {
  Group group;
  Grammar grammar;
  // Does it, with results on stdout. Gives the exit code; what it throws is printed by main.
  int (*run)(Engine& engine, const Options& options);
  int failure = 1;  // exit code for what run throws
};

// One file each: cli/ctr/<name>.cc.
extern const Command kBuild, kCreate, kExec, kImages, kImport, kInfo, kInspect, kKill, kLoad, kLogs, kPs, kRm, kRmi,
    kRun, kSave, kStart, kStop, kTag, kVersion, kWait;
extern const Command kImageInspect, kContainerInspect;

// A command by the words that name it: "run", "container ls", "image rm".
struct CommandName {
  std::string_view name;
  const Command* command;
};
std::span<const CommandName> command_names();

// Commands that docker has and this release has not, so that they can be told from typing errors.
std::span<const std::string_view> absent_commands();

// The first words of two-word commands, with a line about each.
struct CommandFamily {
  std::string_view name;
  std::string_view summary;
};
std::span<const CommandFamily> command_families();

}  // namespace crun::cli
