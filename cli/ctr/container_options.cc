#include "cli/ctr/container_options.h"

#include <fmt/format.h>

#include <optional>

#include "cli/ctr/human.h"
#include "cli/ctr/mount_options.h"
#include "cli/ctr/text.h"
#include "crun/error.h"

namespace crun::cli {
namespace {

// Calls read(value) for an option's last value, and puts the option's name before what it throws.
template <typename Read>
void with_value(const Options& options, std::string_view name, Read read) {
  const std::string* value = options.find(name);
  if (value == nullptr) return;
  try {
    read(*value);
  } catch (Error& error) {
    error.add_context(fmt::format("--{}", name));
    throw;
  }
}

template <typename Read>
void with_each(const Options& options, std::string_view name, Read read) {
  for (const std::string& value : options.all(name)) {
    try {
      read(value);
    } catch (Error& error) {
      error.add_context(fmt::format("--{}", name));
      throw;
    }
  }
}

std::string security_option(const std::string& text) {
  constexpr std::string_view kSeccomp = "seccomp=";
  if (!text.starts_with(kSeccomp)) return text;
  const std::string profile = text.substr(kSeccomp.size());
  // The engine gets the profile's text: it does not read the user's files.
  return profile == "unconfined" ? text : std::string(kSeccomp) + read_user_file(profile);
}

void log_option(LogOptions& log, const std::string& text) {
  const auto [name, value] = name_and_value(text);
  if (!value) throw Error(ErrorKind::invalid, fmt::format("'{}' needs a value", name));
  if (name == "max-size") {
    log.max_size = static_cast<uint64_t>(parse_decimal_size(*value));
  } else if (name == "max-file") {
    const int64_t files = parse_integer(*value, "a number of files");
    if (files < 1 || files > 1000) throw Error(ErrorKind::invalid, "max-file must be from 1 to 1000");
    log.max_files = static_cast<unsigned>(files);
  } else {
    throw Error(ErrorKind::unsupported, fmt::format("'{}' is not supported; there are max-size and max-file", name));
  }
}

// As docker has it, 0 is no bound.
std::optional<int64_t> unless_zero(int64_t value) { return value == 0 ? std::nullopt : std::optional(value); }

void read_limits(const Options& options, ContainerRequest& request) {
  with_value(options, "memory", [&](const std::string& v) { request.memory = unless_zero(parse_memory(v)); });
  with_value(options, "memory-swap",
             [&](const std::string& v) { request.memory_swap = v == "-1" ? -1 : unless_zero(parse_memory(v)); });
  with_value(options, "cpus", [&](const std::string& v) { request.nano_cpus = unless_zero(parse_cpus(v)); });
  with_value(options, "pids-limit", [&](const std::string& v) {
    request.pids_limit = unless_zero(parse_integer(v, "a number of processes"));
  });
  with_value(options, "stop-timeout", [&](const std::string& v) { request.stop_timeout = parse_seconds(v); });
}

void read_environment(const Options& options, ContainerRequest& request) {
  with_each(options, "env-file", [&](const std::string& path) {
    const auto variables = parse_env_file(read_user_file(path), path);
    request.env.insert(request.env.end(), variables.begin(), variables.end());
  });
  with_each(options, "env", [&](const std::string& text) {
    name_and_value(text);  // throws where it has no name
    request.env.push_back(text);
  });
}

void read_lists(const Options& options, ContainerRequest& request) {
  request.cap_add = options.all("cap-add");
  request.cap_drop = options.all("cap-drop");
  with_each(options, "label", [&](const std::string& text) {
    auto [name, value] = name_and_value(text);
    request.labels.emplace_back(std::move(name), value.value_or(""));
  });
  with_each(options, "security-opt", [&](const std::string& v) { request.security_opt.push_back(security_option(v)); });
  with_each(options, "volume", [&](const std::string& v) { add_volume(request, v); });
  with_each(options, "mount", [&](const std::string& v) { add_mount(request, v); });
  with_each(options, "tmpfs", [&](const std::string& v) { add_tmpfs(request, v); });
  with_each(options, "log-opt", [&](const std::string& v) { log_option(request.log, v); });
  with_value(options, "log-driver", [](const std::string& v) {
    if (v != "json-file") throw Error(ErrorKind::unsupported, fmt::format("'{}' is not supported; json-file is", v));
  });
}

ContainerRequest read_request(const Options& options) {
  ContainerRequest request;
  request.image = options.arguments.at(0);
  request.command.assign(options.arguments.begin() + 1, options.arguments.end());
  if (const std::string* entrypoint = options.find("entrypoint"))
    request.entrypoint = entrypoint->empty() ? std::vector<std::string>() : std::vector<std::string>{*entrypoint};
  request.name = options.text("name");
  request.hostname = options.text("hostname");
  request.working_dir = options.text("workdir");
  request.user = options.text("user");
  request.network = options.text(options.find("network") != nullptr ? "network" : "net");
  request.stop_signal = options.text("stop-signal");
  request.read_only = options.flag("read-only");
  request.privileged = options.flag("privileged");
  request.interactive = options.flag("interactive");
  request.tty = options.flag("tty");
  request.remove = options.flag("rm");
  request.init = options.flag("init");
  read_limits(options, request);
  read_environment(options, request);
  read_lists(options, request);
  return request;
}

}  // namespace

ContainerRequest container_request(const Options& options) {
  try {
    return read_request(options);
  } catch (const Error& error) {
    throw UsageError(error.text(), 125);
  }
}

}  // namespace crun::cli
