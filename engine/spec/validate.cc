#include "engine/spec/validate.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "crun/error.h"

namespace crun::engine {
namespace {

[[noreturn]] void refuse(const std::string& text) { throw Error(ErrorKind::invalid, text); }

bool is_one_of(const std::string& text, std::initializer_list<const char*> choices) {
  return std::any_of(choices.begin(), choices.end(), [&](const char* choice) { return text == choice; });
}

void refuse_nul(const std::string& option, const std::string& value) {
  if (value.find('\0') != std::string::npos) refuse(option + ": holds a NUL byte");
}

void validate_destination(const std::string& option, const std::string& destination) {
  refuse_nul(option, destination);
  if (destination.empty() || destination.front() != '/') {
    refuse(option + ": destination '" + destination + "' is not an absolute path");
  }
  if (destination.find_first_not_of('/') == std::string::npos) refuse(option + ": destination must not be '/'");
}

void validate_bind(const BindMount& bind) {
  validate_destination("-v", bind.destination);
  refuse_nul("-v", bind.source);
  if (bind.source.empty() || bind.source.front() != '/') {
    refuse("-v: source '" + bind.source + "' is not an absolute path; named volumes do not exist yet");
  }
  if (!bind.propagation.empty() &&
      !is_one_of(bind.propagation, {"rprivate", "rslave", "rshared", "private", "slave", "shared"})) {
    refuse("-v: unknown propagation '" + bind.propagation + "'");
  }
  struct stat status {};
  if (bind.make_source || stat(bind.source.c_str(), &status) == 0) return;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw Error(ErrorKind::not_found, "bind source " + bind.source + " does not exist");
  }
  throw SysError(errno, "reading the status of bind source " + bind.source);
}

void validate_environment(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    refuse_nul("-e", entry);
    if (entry.empty() || entry.front() == '=') refuse("-e '" + entry + "': no variable's name before '='");
  }
}

void validate_limits(const ContainerRequest& request, const HostFacts& host) {
  constexpr int64_t kLeastMemory = 6 << 20;
  if (request.memory && *request.memory < kLeastMemory) refuse("--memory: at least 6m is needed");
  if (request.memory_swap && !request.memory) refuse("--memory-swap needs --memory");
  if (request.memory_swap && *request.memory_swap != -1 && *request.memory_swap < *request.memory) {
    refuse("--memory-swap counts memory too: it must not be less than --memory");
  }
  if (request.nano_cpus &&
      (*request.nano_cpus < 10'000'000 || *request.nano_cpus > int64_t{1'000'000'000} * host.cpus)) {
    refuse("--cpus: this host gives 0.01 to " + std::to_string(host.cpus));
  }
  if (request.pids_limit && *request.pids_limit < -1) refuse("--pids-limit: -1 for none, or a positive number");
}

void validate_hostname(const std::string& hostname) {
  if (hostname.empty()) return;
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  bool sound = hostname.size() <= 64 && hostname.front() != '-' && hostname.front() != '.' &&
               std::all_of(hostname.begin(), hostname.end(), allowed);
  if (!sound) refuse("--hostname '" + hostname + "': at most 64 letters, digits, '-', '_' and '.'");
}

}  // namespace

void validate_name(const std::string& name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  bool sound =
      !name.empty() && name.size() <= 255 && letter(name.front()) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || c == '_' || c == '.' || c == '-'; });
  if (!sound) refuse("container name '" + name + "': only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed");
}

int parse_signal(const std::string& text) {
  std::string name = text;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  if (!name.empty() && name.size() < 4 &&
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    int number = std::stoi(name);
    if (number >= 1 && number <= 64) return number;
    refuse("'" + text + "' is not a signal: 1 to 64");
  }
  if (name.rfind("SIG", 0) == 0) name.erase(0, 3);
  for (int number = 1; number < 32; ++number) {
    const char* abbreviation = sigabbrev_np(number);
    if (abbreviation != nullptr && name == abbreviation) return number;
  }
  // The kernel's numbers, not glibc's, which keeps the first two for itself.
  if (name == "RTMIN") return 34;
  if (name == "RTMAX") return 64;
  for (const auto& [prefix, base, sign] : {std::tuple{"RTMIN+", 34, 1}, std::tuple{"RTMAX-", 64, -1}}) {
    size_t size = strlen(prefix);
    if (name.rfind(prefix, 0) != 0 || name.size() > size + 2 || name.size() == size) continue;
    if (name.find_first_not_of("0123456789", size) != std::string::npos) continue;
    int number = base + sign * std::stoi(name.substr(size));
    if (number >= 34 && number <= 64) return number;
  }
  refuse("'" + text + "' is not a signal");
}

void validate(const ContainerRequest& request, const HostFacts& host) {
  if (request.image.empty()) refuse("no image named");
  if (!request.name.empty()) validate_name(request.name);
  validate_hostname(request.hostname);
  validate_environment(request.env);
  for (const BindMount& bind : request.mounts) validate_bind(bind);
  for (const TmpfsMount& tmpfs : request.tmpfs) validate_destination("--tmpfs", tmpfs.destination);
  refuse_nul("-w", request.working_dir);
  refuse_nul("-u", request.user);
  if (!request.working_dir.empty() && request.working_dir.front() != '/') {
    refuse("-w '" + request.working_dir + "': not an absolute path");
  }
  if (!is_one_of(request.network, {"", "none", "host"})) {
    refuse("--network '" + request.network + "': 'none' and 'host' are what there is yet");
  }
  for (const std::string& argument : request.command) refuse_nul("argument", argument);
  validate_limits(request, host);
  std::vector<std::string> capabilities = container_capabilities(request, host.capabilities);
  SecurityOptions security = parse_security_options(request.security_opt);
  if (!security.seccomp_profile.empty()) parse_seccomp_profile(security.seccomp_profile, capabilities, host);
  if (!request.stop_signal.empty()) parse_signal(request.stop_signal);
  if (request.log.max_files == 0) refuse("log: max-file must be at least 1");
}

}  // namespace crun::engine
