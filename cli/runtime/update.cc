#include <charconv>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "libcrun/spec/parse.h"
#include "libcrun/spec/spec.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {"blkio-weight", 0, Takes::value, "n", "share of the disks, from 10 to 1000"},
    {"cpu-burst", 0, Takes::value, "us", "what unused quota may add up to"},
    {"cpu-idle", 0, Takes::value, "0|1", "1: runs only when nobody else wants to"},
    {"cpu-period", 0, Takes::value, "us", "the time that the quota is for"},
    {"cpu-quota", 0, Takes::value, "us", "processor time in each period; -1: no limit"},
    {"cpu-rt-period", 0, Takes::value, "us", "", true},  // refused by the library: cgroup v1 alone has them
    {"cpu-rt-runtime", 0, Takes::value, "us", "", true},
    {"cpu-share", 0, Takes::value, "n", "share of the processors, from 2 to 262144"},
    {"cpuset-cpus", 0, Takes::value, "list", "processors to run on: 0-3,7"},
    {"cpuset-mems", 0, Takes::value, "list", "memory nodes to take from"},
    {"kernel-memory", 0, Takes::value, "bytes", "", true},
    {"kernel-memory-tcp", 0, Takes::value, "bytes", "", true},
    {"memory", 0, Takes::value, "bytes", "memory limit; -1: none"},
    {"memory-reservation", 0, Takes::value, "bytes", "memory that is taken away last"},
    {"memory-swap", 0, Takes::value, "bytes", "limit of memory and swap together; -1: none"},
    {"pids-limit", 0, Takes::value, "n", "largest number of processes; -1: no limit"},
    {"resources", 'r', Takes::value, "file", "linux.resources as JSON; -: standard input"},
};
constexpr RefusedOption kRefused[] = {
    {"l3-cache-schema", 0, "a container's Intel RDT group cannot be changed"},
    {"mem-bw-schema", 0, "a container's Intel RDT group cannot be changed"},
};

[[noreturn]] void bad_number(std::string_view flag, const std::string& text, std::string_view wanted) {
  throw UsageError("--" + std::string(flag) + " '" + text + "' is not " + std::string(wanted), kRuntimeFailure);
}

// Sets `member` where the flag is given. Member: an optional of any whole number.
template <typename Member>
void set_number(const Options& options, std::string_view flag, Member& member) {
  const std::string* text = options.find(flag);
  if (text == nullptr) return;
  typename Member::value_type value = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) bad_number(flag, *text, "a number in its range");
  member = value;
}

// "512m", "1GiB", "-1".
int64_t bytes(std::string_view flag, const std::string& text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string unit(end, text.data() + text.size());
  for (char& c : unit) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  static constexpr std::string_view kUnits = "bkmgtp";
  size_t power = unit.empty() ? 0 : kUnits.find(unit[0]);
  std::string_view rest = unit.empty() ? std::string_view() : std::string_view(unit).substr(1);
  bool good = error == std::errc() && power != std::string_view::npos &&
              (rest.empty() || rest == "b" || rest == "ib") && (value >= 0 || (value == -1 && unit.empty()));
  int64_t scaled = 0;
  if (!good || __builtin_mul_overflow(value, int64_t{1} << (10 * power), &scaled)) {
    bad_number(flag, text, "a number of bytes such as 512m");
  }
  return scaled;
}

void set_bytes(const Options& options, std::string_view flag, std::optional<int64_t>& member) {
  if (const std::string* text = options.find(flag)) member = bytes(flag, *text);
}

spec::Resources resources_of_flags(const Options& options) {
  spec::Resources resources;
  spec::Memory& memory = resources.memory.emplace();
  set_bytes(options, "memory", memory.limit);
  set_bytes(options, "memory-reservation", memory.reservation);
  set_bytes(options, "memory-swap", memory.swap);
  set_bytes(options, "kernel-memory", memory.kernel);
  set_bytes(options, "kernel-memory-tcp", memory.kernel_tcp);
  spec::Cpu& cpu = resources.cpu.emplace();
  set_number(options, "cpu-share", cpu.shares);
  set_number(options, "cpu-quota", cpu.quota);
  set_number(options, "cpu-period", cpu.period);
  set_number(options, "cpu-burst", cpu.burst);
  set_number(options, "cpu-idle", cpu.idle);
  set_number(options, "cpu-rt-runtime", cpu.realtime_runtime);
  set_number(options, "cpu-rt-period", cpu.realtime_period);
  cpu.cpus = options.text("cpuset-cpus");
  cpu.mems = options.text("cpuset-mems");
  set_number(options, "pids-limit", resources.pids_limit);
  set_number(options, "blkio-weight", resources.block_io.emplace().weight);
  return resources;
}

int update(const Runtime& runtime, const Options& options) {
  spec::Resources resources;
  if (const std::string* file = options.find("resources")) {
    // All other flags are ignored then, as runc does.
    bool piped = *file == "-";
    resources =
        spec::parse_resources(piped ? read_standard_input() : read_file(*file), piped ? "standard input" : *file);
  } else {
    resources = resources_of_flags(options);
  }
  runtime.update(options.arguments[0], resources);
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeUpdate{{"update", "ID", "change the limits of a container",
                                     "ctr-runtime update --memory 512m c1", kOptions, kRefused, 1, 1},
                                    update};

}  // namespace crun::cli
