// The options that `run` and `create` share, and the container that they ask for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "cli/command/grammar.h"
#include "cli/command/parse.h"
#include "crun/containers.h"

namespace crun::cli {

inline constexpr std::array kContainerOptions = {
    Option{
        .name = "cap-add", .takes = Takes::values, .value_name = "list", .help = "Add a capability (NET_ADMIN, ALL)"},
    Option{.name = "cap-drop", .takes = Takes::values, .value_name = "list", .help = "Drop a capability"},
    Option{.name = "cpus", .takes = Takes::value, .value_name = "decimal", .help = "Bound the cpu time, in cpus (0.5)"},
    Option{.name = "entrypoint",
           .takes = Takes::value,
           .value_name = "string",
           .help = "Replace the image's ENTRYPOINT; \"\" for none"},
    Option{.name = "env",
           .letter = 'e',
           .takes = Takes::values,
           .value_name = "list",
           .help = "Set a variable: NAME=value, or NAME to pass it on"},
    Option{.name = "env-file",
           .takes = Takes::values,
           .value_name = "list",
           .help = "Set the variables that a file lists, one a line"},
    Option{.name = "hostname",
           .letter = 'h',
           .takes = Takes::value,
           .value_name = "string",
           .help = "Host name (default: the id's first 12 digits)"},
    Option{.name = "init", .help = "Run a small init as pid 1, which forwards signals and reaps"},
    Option{.name = "interactive", .letter = 'i', .help = "Keep stdin open"},
    Option{.name = "label",
           .letter = 'l',
           .takes = Takes::values,
           .value_name = "list",
           .help = "Set a label: NAME=value"},
    Option{.name = "log-driver",
           .takes = Takes::value,
           .value_name = "string",
           .help = "Form of the log: json-file is the only one"},
    Option{.name = "log-opt",
           .takes = Takes::values,
           .value_name = "list",
           .help = "max-size=BYTES and max-file=N (default 20m and 3)"},
    Option{.name = "memory",
           .letter = 'm',
           .takes = Takes::value,
           .value_name = "bytes",
           .help = "Bound the memory (512m, 2g)"},
    Option{.name = "memory-swap",
           .takes = Takes::value,
           .value_name = "bytes",
           .help = "Bound memory and swap together; -1: no bound"},
    Option{.name = "mount",
           .takes = Takes::values,
           .value_name = "mount",
           .help = "type=bind,source=PATH,target=PATH[,readonly] or type=tmpfs,target=PATH"},
    Option{.name = "name",
           .takes = Takes::value,
           .value_name = "string",
           .help = "Name of the container (default: one is made up)"},
    Option{.name = "net", .takes = Takes::value, .value_name = "network", .hidden = true},
    Option{.name = "network",
           .takes = Takes::value,
           .value_name = "network",
           .help = "none (loopback alone) or host (default none)"},
    Option{.name = "pids-limit",
           .takes = Takes::value,
           .value_name = "int",
           .help = "Bound the number of processes; -1: no bound"},
    Option{.name = "privileged", .help = "Give it every capability and device, and no confinement"},
    Option{.name = "read-only", .help = "Make its root file system read-only"},
    Option{.name = "rm", .help = "Remove it when it has ended"},
    Option{.name = "security-opt",
           .takes = Takes::values,
           .value_name = "list",
           .help = "no-new-privileges, seccomp=FILE|unconfined, apparmor=NAME|unconfined"},
    Option{.name = "stop-signal",
           .takes = Takes::value,
           .value_name = "signal",
           .help = "What `ctr stop` sends (default: the image's, or SIGTERM)"},
    Option{.name = "stop-timeout",
           .takes = Takes::value,
           .value_name = "int",
           .help = "Seconds that `ctr stop` waits before it kills (default 10)"},
    Option{.name = "tmpfs", .takes = Takes::values, .value_name = "list", .help = "Mount a tmpfs: PATH[:OPTIONS]"},
    Option{.name = "tty", .letter = 't', .help = "Give it a terminal"},
    Option{.name = "user",
           .letter = 'u',
           .takes = Takes::value,
           .value_name = "string",
           .help = "Run as USER[:GROUP], by name or number"},
    Option{.name = "volume",
           .letter = 'v',
           .takes = Takes::values,
           .value_name = "list",
           .help = "Mount a path of the host: SOURCE:TARGET[:ro]"},
    Option{.name = "workdir",
           .letter = 'w',
           .takes = Takes::value,
           .value_name = "string",
           .help = "Working folder inside the container"},
};

// Both, in the order of their names.
template <size_t A, size_t B>
constexpr std::array<Option, A + B> with_options(const std::array<Option, A>& a, const std::array<Option, B>& b) {
  std::array<Option, A + B> all = {};
  std::copy(a.begin(), a.end(), all.begin());
  std::copy(b.begin(), b.end(), all.begin() + A);
  std::sort(all.begin(), all.end(), [](const Option& x, const Option& y) { return x.name < y.name; });
  return all;
}

// options: of a grammar that has kContainerOptions; its arguments are the image and the command. Reads --env-file and
// seccomp profiles. Throws UsageError with 125 naming the option.
ContainerRequest container_request(const Options& options);

}  // namespace crun::cli
