// One entry of ctr-runtime's table of commands. The flags are runc's, so that podman, containerd and docker can call
// it.
#pragma once

#include <span>
#include <string>

#include "cli/command/grammar.h"
#include "cli/command/parse.h"
#include "crun/runtime.h"

namespace crun::cli {

// How runc ends where a command fails.
inline constexpr int kRuntimeFailure = 1;

struct RuntimeCommand {
  Grammar grammar;
  // Does it, with results on stdout. Gives the exit code; what it throws is told by main.
  int (*run)(const Runtime& runtime, const Options& options);
  int failure = kRuntimeFailure;  // the exit code where it throws
};

// One file each: cli/runtime/<name>.cc.
extern const RuntimeCommand kRuntimeCheckpoint, kRuntimeCreate, kRuntimeRestore, kRuntimeDelete, kRuntimeEvents,
    kRuntimeExec, kRuntimeFeatures, kRuntimeKill, kRuntimeList, kRuntimePause, kRuntimePs, kRuntimeResume, kRuntimeRun,
    kRuntimeSpec, kRuntimeStart, kRuntimeState, kRuntimeUpdate;

// Writes all of it to stdout. Throws SysError.
void print_out(std::string_view text);

// A flag's decimal number, or `otherwise` where it is not given. Throws UsageError.
int number_option(const Options& options, std::string_view name, int otherwise);

}  // namespace crun::cli
