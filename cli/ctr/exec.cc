#include <memory>

#include "cli/ctr/command.h"
#include "cli/ctr/print.h"
#include "cli/ctr/terminal.h"
#include "cli/ctr/text.h"
#include "crun/containers.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {.name = "detach", .letter = 'd', .help = "Leave it running"},
    {.name = "detach-keys",
     .takes = Takes::value,
     .value_name = "string",
     .help = "Keys that leave it running (default ctrl-p,ctrl-q)"},
    {.name = "env",
     .letter = 'e',
     .takes = Takes::values,
     .value_name = "list",
     .help = "Set a variable: NAME=value, or NAME to pass it on"},
    {.name = "env-file",
     .takes = Takes::values,
     .value_name = "list",
     .help = "Set the variables that a file lists, one a line"},
    {.name = "interactive", .letter = 'i', .help = "Keep stdin open"},
    {.name = "privileged", .help = "Give it every capability"},
    {.name = "tty", .letter = 't', .help = "Give it a terminal"},
    {.name = "user",
     .letter = 'u',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Run as USER[:GROUP], by name or number"},
    {.name = "workdir",
     .letter = 'w',
     .takes = Takes::value,
     .value_name = "string",
     .help = "Working folder inside the container"},
};

ContainerExecRequest exec_request(const Options& options) {
  ContainerExecRequest request;
  request.command.assign(options.arguments.begin() + 1, options.arguments.end());
  for (const std::string& path : options.all("env-file"))
    for (std::string& variable : parse_env_file(read_user_file(path), path)) request.env.push_back(std::move(variable));
  for (const std::string& text : options.all("env")) {
    name_and_value(text);  // throws where it has no name
    request.env.push_back(text);
  }
  request.working_dir = options.text("workdir");
  request.user = options.text("user");
  request.interactive = options.flag("interactive");
  request.tty = options.flag("tty");
  request.detach = options.flag("detach");
  request.privileged = options.flag("privileged");
  request.size = terminal_size();
  return request;
}

int exec(Engine& engine, const Options& options) {
  const ContainerExecRequest request = exec_request(options);
  if (!request.detach) check_terminal(request.interactive, request.tty, options.text("detach-keys"));
  try {
    const std::unique_ptr<Session> session = exec_container(engine, options.arguments[0], request);
    if (request.detach) return 0;
    return attach(*session, {.interactive = request.interactive,
                             .tty = request.tty,
                             .forward_signals = true,
                             .detach_keys = options.text("detach-keys")})
        .exit_code;
  } catch (const Error& error) {
    const int code = exit_code_of(error);
    if (code != 126 && code != 127) throw;
    print_error("exec", error.text());
    return code;
  }
}

}  // namespace

constinit const Command kExec = {
    .group = Group::common,
    .grammar = {.name = "exec",
                .arguments = "CONTAINER COMMAND [ARG...]",
                .summary = "Run a further command in a running container",
                .example = "ctr exec -it web sh",
                .options = kOptions,
                .refused = {},
                .least = 2,
                .options_end_at_argument = true},
    .run = exec,
};

}  // namespace crun::cli
