#include "libcrun/container/criu.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/child.h"

namespace crun::container {
namespace {

using Words = std::vector<std::string>;

struct Switch {
  bool CriuOptions::*given;
  const char* word;
};
constexpr Switch kSwitches[] = {
    {&CriuOptions::tcp_established, "--tcp-established"},
    {&CriuOptions::ext_unix_sk, "--ext-unix-sk"},
    {&CriuOptions::shell_job, "--shell-job"},
    {&CriuOptions::file_locks, "--file-locks"},
    {&CriuOptions::lazy_pages, "--lazy-pages"},
    {&CriuOptions::auto_dedup, "--auto-dedup"},
    {&CriuOptions::link_remap, "--link-remap"},
};

void add(Words& words, const char* option, const std::string& value) {
  if (value.empty()) return;
  words.emplace_back(option);
  words.push_back(value);
}

// action: "dump", "pre-dump" or "restore".
Words common_arguments(const CriuOptions& options, const char* action, const char* log) {
  Words words = {"criu", action, "-v4", "--log-file", log};
  add(words, "--images-dir", options.image_path);
  add(words, "--work-dir", options.work_path);
  words.push_back("--manage-cgroups=" +
                  (options.manage_cgroups_mode.empty() ? std::string("soft") : options.manage_cgroups_mode));
  for (const Switch& each : kSwitches) {
    if (options.*each.given) words.emplace_back(each.word);
  }
  if (options.empty_network) add(words, "--empty-ns", "net");
  return words;
}

void add_page_server(Words& words, const std::string& server) {
  if (server.empty()) return;
  size_t colon = server.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == server.size()) {
    throw Error(ErrorKind::invalid, "page server '" + server + "' is not ADDRESS:PORT");
  }
  words.emplace_back("--page-server");
  add(words, "--address", server.substr(0, colon));
  add(words, "--port", server.substr(colon + 1));
}

void add_mounts(Words& words, const std::vector<ExternalMount>& mounts) {
  for (const ExternalMount& mount : mounts) add(words, "--external", "mnt[" + mount.key + "]:" + mount.value);
}

// The last lines of its log that say "Error": the cause comes shortly before "Dumping FAILED.".
std::string reason_in(const std::string& log) {
  Fd file(open(log.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return "";
  constexpr off_t kLongest = 64 << 10;
  constexpr size_t kMostLines = 3;
  off_t size = std::max<off_t>(lseek(file.get(), 0, SEEK_END), 0);
  std::string text(static_cast<size_t>(std::min<off_t>(size, kLongest)), '\0');
  ssize_t count = pread(file.get(), text.data(), text.size(), size - static_cast<off_t>(text.size()));
  text.resize(static_cast<size_t>(std::max<ssize_t>(count, 0)));
  std::string reason;
  size_t end = std::string::npos;
  for (size_t lines = 0; lines < kMostLines; ++lines) {
    size_t begin = text.rfind("Error (", end);
    if (begin == std::string::npos) break;
    std::string line = text.substr(begin, text.find('\n', begin) - begin);
    reason = reason.empty() ? line : line + "; " + reason;
    if (begin == 0) break;
    end = begin - 1;
  }
  return reason;
}

bool executable(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

Words own_environment() {
  Words environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) environment.emplace_back(*entry);
  return environment;
}

}  // namespace

Words criu_dump_arguments(const CheckpointRequest& request, const CriuDump& dump) {
  Words words = common_arguments(request.criu, request.pre_dump ? "pre-dump" : "dump", "dump.log");
  add(words, "--tree", std::to_string(dump.pid));
  add(words, "--root", dump.rootfs);
  add(words, "--freeze-cgroup", dump.freeze_cgroup);
  if (request.leave_running) words.emplace_back("--leave-running");
  if (request.tcp_skip_in_flight) words.emplace_back("--skip-in-flight");
  if (request.pre_dump || !request.parent_path.empty()) words.emplace_back("--track-mem");
  add(words, "--prev-images-dir", request.parent_path);
  add_page_server(words, request.page_server);
  if (dump.status_fd >= 0) add(words, "--status-fd", std::to_string(dump.status_fd));
  add_mounts(words, dump.mounts);
  if (dump.network_inode != 0) {
    add(words, "--external", "net[" + std::to_string(dump.network_inode) + "]:" + kExternalNetwork);
  }
  return words;
}

Words criu_restore_arguments(const RestoreRequest& request, const CriuRestore& restore) {
  Words words = common_arguments(request.criu, "restore", "restore.log");
  // The first process becomes its sibling: our child, and nobody's who goes away.
  words.insert(words.end(), {"--restore-detached", "--restore-sibling", "--evasive-devices"});
  add(words, "--root", restore.root);
  add(words, "--pidfile", restore.pid_file);
  add(words, "--cgroup-root", restore.cgroup);
  add(words, "--lsm-profile", request.lsm_profile);
  add(words, "--lsm-mount-context", request.lsm_mount_context);
  add_mounts(words, restore.mounts);
  for (const InheritedFd& each : restore.inherited) {
    add(words, "--inherit-fd", "fd[" + std::to_string(each.fd) + "]:" + each.name);
  }
  return words;
}

std::string find_criu(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    if (executable(program)) return program;
    throw Error(ErrorKind::unsupported,
                "criu: " + program + " cannot be executed; give --criu the path of the program");
  }
  const char* path = getenv("PATH");
  std::string folders = path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path;
  for (size_t begin = 0; begin <= folders.size();) {
    size_t end = std::min(folders.find(':', begin), folders.size());
    std::string file = folders.substr(begin, end - begin) + "/" + program;
    if (file.front() == '/' && end > begin && executable(file)) return file;
    begin = end + 1;
  }
  throw Error(ErrorKind::unsupported, "checkpoint and restore need the program " + program +
                                          ", which is not in PATH; install the package criu, or give --criu its path");
}

void run_criu(const CriuRun& run, const std::string& what) {
  Program program{run.program, run.arguments, own_environment(), {-1, 2, 2}, run.prepare, run.context};
  program.fds.insert(program.fds.end(), run.fds.begin(), run.fds.end());
  ExitStatus status = spawn(program).wait();
  if (!status.signaled && status.value == 0) return;
  std::string reason = reason_in(run.log);
  std::string how = status.signaled ? "was ended by signal " : "failed with exit code ";
  throw Error(ErrorKind::system, what + ": criu " + how + std::to_string(status.value) +
                                     (reason.empty() ? "" : ": " + reason) + "; its log is " + run.log);
}

}  // namespace crun::container
