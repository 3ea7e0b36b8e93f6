#include <signal.h>
#include <string.h>

#include <charconv>
#include <optional>

#include "cli/runtime/command.h"
#include "cli/runtime/selection.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {"all", 'a', Takes::nothing, "", "signal each process of the container, not its first alone"}, kRegexOption};

std::optional<int> small_number(std::string_view digits) {
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
  return number;
}

// "RTMIN", "RTMIN+3", "RTMAX-14": systemd stops by the second.
std::optional<int> real_time_signal(std::string_view name) {
  bool from_end = name.starts_with("RTMAX");
  if (!from_end && !name.starts_with("RTMIN")) return std::nullopt;
  int base = from_end ? SIGRTMAX : SIGRTMIN;
  name.remove_prefix(5);
  if (name.empty()) return base;
  std::optional<int> offset = small_number(name.substr(1));
  if (name[0] != (from_end ? '-' : '+') || !offset || *offset > SIGRTMAX - SIGRTMIN) return std::nullopt;
  return from_end ? base - *offset : base + *offset;
}

// "TERM", "SIGTERM", "15".
int signal_number(std::string_view text) {
  std::string name(text);
  if (std::optional<int> number = small_number(text); number && *number < NSIG) return *number;
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (name.rfind("SIG", 0) == 0) name.erase(0, 3);
  for (int number = 1; number < NSIG; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && name == known) return number;
  }
  if (std::optional<int> number = real_time_signal(name)) return *number;
  throw Error(ErrorKind::invalid,
              "unknown signal '" + std::string(text) + "'; give a name or a number, as in TERM or 15");
}

int kill(const Runtime& runtime, const Options& options) {
  int signal = options.arguments.size() > 1 ? signal_number(options.arguments[1]) : SIGTERM;
  for (const std::string& id : selected_ids(runtime, options)) runtime.kill(id, signal, options.flag("all"));
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeKill{
    {"kill", "ID [SIGNAL]", "send a signal, TERM where none is named", "ctr-runtime kill c1 KILL", kOptions, {}, 1, 2},
    kill};

}  // namespace crun::cli
