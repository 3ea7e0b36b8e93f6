#include <memory>
#include <string>

#include "cli/ctr/command.h"
#include "cli/ctr/container_options.h"
#include "cli/ctr/print.h"
#include "cli/ctr/refused_container_options.h"
#include "cli/ctr/terminal.h"

namespace crun::cli {
namespace {

constexpr auto kOptions = with_options(
    kContainerOptions, std::array{
                           Option{.name = "detach", .letter = 'd', .help = "Leave it running and print its id"},
                           Option{.name = "detach-keys",
                                  .takes = Takes::value,
                                  .value_name = "string",
                                  .help = "Keys that leave it running (default ctrl-p,ctrl-q)"},
                           Option{.name = "sig-proxy", .help = "Pass signals on to it (default true)"},
                       });

int run(Engine& engine, const Options& options) {
  const ContainerRequest request = container_request(options);
  const bool detach = options.flag("detach");
  if (!detach) check_terminal(request.interactive, request.tty, options.text("detach-keys"));
  std::string id;
  const StartOptions start = {
      .attach = !detach, .interactive = !detach && request.interactive, .size = terminal_size()};
  const std::unique_ptr<Session> session = run_container(engine, request, start, id);
  if (detach) {
    print(id + "\n");
    return 0;
  }
  return attach(*session, {.interactive = request.interactive,
                           .tty = request.tty,
                           .forward_signals = options.flag("sig-proxy", true),
                           .detach_keys = options.text("detach-keys")})
      .exit_code;
}

// Docker's codes: what is wrong with ctr or the host is 125, what is wrong with the command 126 or 127.
int run_or_tell(Engine& engine, const Options& options) {
  try {
    return run(engine, options);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    print_error("run", error.text());
    return exit_code_of(error);
  }
}

}  // namespace

constinit const Command kRun = {
    .group = Group::common,
    .grammar = {.name = "run",
                .arguments = "IMAGE [COMMAND] [ARG...]",
                .summary = "Make a container of an image and start it",
                .example = "ctr run --rm -it busybox sh\n"
                           "ctr run -d --name web --network host busybox httpd -f -p 8080",
                .options = kOptions,
                .refused = kRefusedContainerOptions,
                .least = 1,
                .options_end_at_argument = true},
    .run = run_or_tell,
};

}  // namespace crun::cli
