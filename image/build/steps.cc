#include "image/build/steps.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/pipe.h"
#include "image/build/mount_stubs.h"
#include "image/build/physical_path.h"

namespace crun::build {
namespace {

// Reads a command's output beside it, and to its end.
class OutputReader {
 public:
  explicit OutputReader(Progress& progress) : pipe_(Pipe::make()), thread_([this, &progress] { read_all(progress); }) {}
  OutputReader(const OutputReader&) = delete;
  OutputReader& operator=(const OutputReader&) = delete;
  ~OutputReader() { finish(); }

  int write_end() const { return pipe_.write_end.get(); }
  void finish() {
    pipe_.write_end.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void read_all(Progress& progress) {
    char buffer[16384];
    for (;;) {
      ssize_t count = read(pipe_.read_end.get(), buffer, sizeof buffer);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      progress.output(std::string_view(buffer, static_cast<size_t>(count)));
    }
    progress.end_output();
  }

  Pipe pipe_;
  std::thread thread_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string result;
  for (const std::string& word : words) result += (result.empty() ? "" : " ") + word;
  return result;
}

[[noreturn]] void fail(const RunStep& step, const CommandResult& result, Network network) {
  std::string how = result.status.signaled ? fmt::format("was killed by signal {} ({})", result.status.value,
                                                         strsignal(result.status.value))
                                           : fmt::format("exited with {}", result.status.value);
  if (result.out_of_memory) how += ": out of memory";
  std::string text = fmt::format("the command '{}' {}", joined(step.arguments), how);
  if (network == Network::none) {
    text += "\nhint: it ran without a network; --network host gives it the host's";
  }
  throw CommandFailed(ErrorKind::invalid, std::move(text));
}

// The shell form in a stage without a shell is what people meet first after FROM scratch.
CommandResult run_or_explain(Executor& executor, const RunStep& step, Fd root, const Command& command) {
  try {
    return executor.run(std::move(root), command);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::not_found || !step.shell_form) throw;
    throw Error(error.kind(),
                fmt::format("{}\nhint: the stage has no {}: RUN [\"program\", \"argument\"] needs no shell",
                            error.text(), step.arguments.at(0)));
  }
}

// The archive's own owners are kept but for --chown, as tar does for root.
bool copy_archive(const Dir& root, const CopyStep& step, const CopyOptions& options, const SourceTree& tree,
                  const SourceMatch& match, const ArchiveOpener& open_archive) {
  Fd file = tree.root().open_at(match.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0, Resolve::no_symlinks);
  std::optional<Dir> unpacked = open_archive(file.get());
  if (!unpacked) return false;
  SourceTree archive(std::move(*unpacked), IgnoreRules(), "the archive " + match.path);
  CopyOptions archive_options = options;
  if (!step.owner) archive_options.owner.reset();
  Copier(root, archive, archive_options).copy(SourceMatch{"", "", true}, step.destination);
  return true;
}

}  // namespace

void run_command(Executor& executor, Progress& progress, const RunStep& step, Network network, int stop, Dir root,
                 const Dir& upper) {
  MountStubs stubs(root, upper, executor.mount_points());
  (void)make_folders(root, physical_path(root, step.working_dir).path, std::nullopt);
  OutputReader reader(progress);
  Command command;
  command.arguments = step.arguments;
  command.environment = step.environment;
  command.working_dir = step.working_dir;
  command.user = step.user;
  command.network = network;
  command.output = reader.write_end();
  command.stop = stop;
  CommandResult result = run_or_explain(executor, step, root.release(), command);
  reader.finish();
  if (result.status.signaled || result.status.value != 0) fail(step, result, network);
  stubs.remove(upper);
}

void copy_sources(const CopyStep& step, const SourceTree& tree, const std::vector<std::vector<SourceMatch>>& matches,
                  const ArchiveOpener& open_archive, const Dir& root) {
  size_t count = 0;
  for (const auto& word : matches) count += word.size();
  if (count > 1 && step.destination.back() != '/' && !Copier::is_folder(root, step.destination)) {
    throw Error(ErrorKind::invalid, fmt::format("{} sources match, and {} is no folder: write '{}/'", count,
                                                step.destination, step.destination));
  }
  CopyOptions options{std::nullopt, step.mode};
  // What comes from the context is root's; what comes from another stage keeps its owner.
  if (!step.from) options.owner = Owner{0, 0};
  if (step.owner) options.owner = parse_owner(*step.owner, root);
  Copier copier(root, tree, options);
  for (const auto& word : matches) {
    for (const SourceMatch& match : word) {
      bool archive = step.add && !match.folder && copy_archive(root, step, options, tree, match, open_archive);
      if (!archive) copier.copy(match, step.destination);
    }
  }
}

void make_working_folder(const FolderStep& step, const Dir& root) {
  (void)make_folders(root, physical_path(root, step.path).path, std::nullopt);
}

}  // namespace crun::build
