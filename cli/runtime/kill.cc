#include <signal.h>
#include <string.h>

#include "cli/runtime/command.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {"all", 'a', Takes::nothing, "", "signal each process of the container, not its first alone"}};

// "TERM", "SIGTERM", "15".
int signal_number(std::string_view text) {
  std::string name(text);
  if (!name.empty() && name.find_first_not_of("0123456789") == std::string::npos && name.size() < 4) {
    int number = std::stoi(name);
    if (number < NSIG) return number;
  }
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (name.rfind("SIG", 0) == 0) name.erase(0, 3);
  for (int number = 1; number < NSIG; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  throw Error(ErrorKind::invalid,
              "unknown signal '" + std::string(text) + "'; give a name or a number, as in TERM or 15");
}

int kill(const Runtime& runtime, const Options& options) {
  int signal = options.arguments.size() > 1 ? signal_number(options.arguments[1]) : SIGTERM;
  runtime.kill(options.arguments[0], signal, options.flag("all"));
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeKill{
    {"kill", "ID [SIGNAL]", "send a signal, TERM where none is named", "ctr-runtime kill c1 KILL", kOptions, {}, 1, 2},
    kill};

}  // namespace crun::cli
