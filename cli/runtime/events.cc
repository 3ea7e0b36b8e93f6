#include <charconv>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/runtime/command.h"
#include "cli/runtime/stats_json.h"

namespace crun::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Option kOptions[] = {{"interval", 0, Takes::value, "time", "between two statistics (default 5s)"},
                               {"stats", 0, Takes::nothing, "", "show the statistics once and end"}};

[[noreturn]] void bad_interval(const std::string& text) {
  throw UsageError("--interval '" + text + "' is not a time such as 5s, 500ms or 1m30s", kRuntimeFailure);
}

struct Unit {
  std::string_view name;
  double milliseconds;
};
constexpr Unit kUnits[] = {{"ms", 1},  {"us", 0.001}, {"µs", 0.001}, {"ns", 0.000001},
                           {"s", 1e3}, {"m", 6e4},    {"h", 3.6e6}};

const Unit* unit_at(std::string_view text) {
  for (const Unit& unit : kUnits) {
    if (text.substr(0, unit.name.size()) == unit.name) return &unit;
  }
  return nullptr;
}

// As Go writes a time: numbers, each with its unit.
std::chrono::milliseconds interval_of(const std::string& text) {
  double sum = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    double number = 0;
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) bad_interval(text);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    const Unit* unit = unit_at(rest);
    if (unit == nullptr) bad_interval(text);
    rest.remove_prefix(unit->name.size());
    sum += number * unit->milliseconds;
  }
  if (!(sum >= 1) || sum > std::numeric_limits<int>::max()) bad_interval(text);
  return std::chrono::milliseconds(static_cast<int64_t>(sum));
}

void print_event(const char* type, const std::string& id, const nlohmann::json* data) {
  nlohmann::json event = {{"type", type}, {"id", id}};
  if (data != nullptr) event["data"] = *data;
  print_out(event.dump() + "\n");
}

void print_stats(const Runtime& runtime, const std::string& id) {
  nlohmann::json data = stats_json(runtime.stats(id));
  print_event("stats", id, &data);
}

// False where it has ended meanwhile.
bool print_stats_while_there(const Runtime& runtime, const std::string& id) {
  try {
    print_stats(runtime, id);
    return true;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::busy && error.kind() != ErrorKind::not_found) throw;
    return false;
  }
}

int events(const Runtime& runtime, const Options& options) {
  const std::string& id = options.arguments[0];
  std::chrono::milliseconds interval =
      options.find("interval") == nullptr ? std::chrono::seconds(5) : interval_of(options.text("interval"));
  if (options.flag("stats")) return print_stats(runtime, id), 0;
  ContainerWatch watch = runtime.watch(id);
  Clock::time_point next = Clock::now() + interval;
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    std::optional<ContainerEvent> event = watch.next(static_cast<int>(std::max<int64_t>(left, 0)));
    if (event == ContainerEvent::ended) return 0;
    if (event == ContainerEvent::oom_kill) {
      print_event("oom", id, nullptr);
      continue;
    }
    if (!print_stats_while_there(runtime, id)) return 0;
    next = std::max(next + interval, Clock::now());
  }
}

}  // namespace

const RuntimeCommand kRuntimeEvents{{"events",
                                     "ID",
                                     "show a container's statistics and out-of-memory kills, as JSON",
                                     "ctr-runtime events --stats c1",
                                     kOptions,
                                     {},
                                     1,
                                     1},
                                    events};

}  // namespace crun::cli
