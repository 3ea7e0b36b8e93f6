#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "cli/runtime/new_container.h"
#include "cli/runtime/session.h"
#include "libcrun/spec/parse.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    {"additional-gids", 'g', Takes::values, "gid", "supplementary group; may be given more than once"},
    {"apparmor", 0, Takes::value, "profile", "AppArmor profile"},
    {"cap", 'c', Takes::values, "name", "capability to add; may be given more than once"},
    {"cgroup", 0, Takes::value, "path", "cgroup below the container's"},
    kConsoleSocketOption,
    {"cwd", 0, Takes::value, "folder", "working directory"},
    kDetachOption,
    {"env", 'e', Takes::values, "NAME=value", "environment variable; may be given more than once"},
    {"ignore-paused", 0, Takes::nothing, "", "go into a paused container too, and wait"},
    {"no-new-privs", 0, Takes::nothing, "", "set no_new_privs"},
    kNoSubreaperOption,
    kPidFileOption,
    kPidfdSocketOption,
    kPreserveFdsOption,
    {"process", 'p', Takes::value, "file", "a process document of the runtime-spec instead"},
    {"process-label", 0, Takes::value, "label", "SELinux label"},
    {"tty", 't', Takes::nothing, "", "give it a terminal"},
    {"user", 'u', Takes::value, "uid[:gid]", "user and group, in numbers"},
};

[[noreturn]] void bad_user(const std::string& text) {
  throw Error(ErrorKind::invalid, "--user '" + text + "' is not uid or uid:gid in decimal numbers up to 2147483647");
}

// All of it must be digits: a sign, a blank or a name in part must never become user 0 (CVE-2026-30892).
uint32_t parse_id(std::string_view digits, const std::string& text) {
  constexpr uint32_t kLargest = 0x7fffffff;
  uint32_t value = 0;
  if (digits.empty() || digits.front() < '0' || digits.front() > '9') bad_user(text);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value > kLargest) bad_user(text);
  return value;
}

void set_user(spec::User& user, const std::string& text) {
  size_t colon = text.find(':');
  user.uid = parse_id(std::string_view(text).substr(0, colon), text);
  if (colon != std::string::npos) user.gid = parse_id(std::string_view(text).substr(colon + 1), text);
}

void add_capabilities(spec::Process& process, const std::vector<std::string>& names) {
  if (names.empty()) return;
  spec::Capabilities& sets = process.capabilities ? *process.capabilities : process.capabilities.emplace();
  for (const std::string& name : names) {
    // As runc: into what it may use and gain, and never into inheritable or ambient (CVE-2022-29162).
    for (auto* list : {&sets.bounding, &sets.effective, &sets.permitted}) {
      if (std::find(list->begin(), list->end(), name) == list->end()) list->push_back(name);
    }
  }
}

spec::Process process_of(const Options& options, const spec::Spec& spec) {
  if (const std::string* file = options.find("process")) return spec::parse_process(read_file(*file), *file);
  if (!spec.process) throw Error(ErrorKind::invalid, "the container's config.json has no process; give --process");
  spec::Process process = *spec.process;
  process.args.assign(options.arguments.begin() + 1, options.arguments.end());
  if (process.args.empty()) throw Error(ErrorKind::invalid, "exec: name a command, or a --process file");
  process.terminal = options.flag("tty");
  process.oom_score_adj.reset();  // the container's has been set; setting it again may not be allowed
  if (options.find("cwd") != nullptr) process.cwd = options.text("cwd");
  for (const std::string& entry : options.all("env")) process.env.push_back(entry);
  if (options.find("user") != nullptr) {
    set_user(process.user, options.text("user"));
    process.user.additional_gids.clear();
  }
  for (const std::string& gid : options.all("additional-gids")) {
    process.user.additional_gids.push_back(parse_id(gid, gid));
  }
  add_capabilities(process, options.all("cap"));
  if (options.find("apparmor") != nullptr) process.apparmor_profile = options.text("apparmor");
  if (options.find("process-label") != nullptr) process.selinux_label = options.text("process-label");
  if (options.flag("no-new-privs")) process.no_new_privileges = true;
  return process;
}

// runc's "[controller:]path".
std::string sub_cgroup(const std::string& text) {
  size_t colon = text.find(':');
  if (colon == std::string::npos) return text;
  throw Error(ErrorKind::unsupported, "--cgroup '" + text + "': controllers have cgroups of their own in cgroup v1 " +
                                          "alone; give the path, '" + text.substr(colon + 1) + "'");
}

// As runc's: what went wrong is not taken for the program's own exit code.
constexpr int kExecFailure = 255;

int exec(const Runtime& runtime, const Options& options) {
  const std::string& id = options.arguments[0];
  bool detached = options.flag("detach");
  spec::Spec spec = spec::parse(runtime.config_text(id));
  spec::Process process = process_of(options, spec);
  pass_listen_fds(process);
  ExecRequest request;
  request.process = &process;
  request.seccomp = spec.linux.seccomp ? &*spec.linux.seccomp : nullptr;
  request.personality = spec.linux.personality ? &*spec.linux.personality : nullptr;
  request.memory_policy = spec.linux.memory_policy ? &*spec.linux.memory_policy : nullptr;
  request.io = io_of(options);
  request.io.die_with_parent = !detached;
  request.sub_cgroup = sub_cgroup(options.text("cgroup"));
  request.even_if_paused = options.flag("ignore-paused");
  if (detached && process.terminal && request.io.console_socket.empty()) {
    throw Error(ErrorKind::invalid,
                "a detached process cannot keep its terminal here: give --console-socket, where it shall go");
  }
  Session session;
  PreparedProcess prepared = runtime.exec(id, request);
  Fd terminal = prepared.take_terminal();
  prepared.start();
  if (!detached) return session.run(prepared.release(), std::move(terminal));
  prepared.release();
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeExec{{"exec",
                                   "ID [COMMAND [ARG...]]",
                                   "run another program in a running container",
                                   "ctr-runtime exec -t c1 sh",
                                   kOptions,
                                   {},
                                   1,
                                   kAnyNumber,
                                   true},
                                  exec,
                                  kExecFailure};

}  // namespace crun::cli
