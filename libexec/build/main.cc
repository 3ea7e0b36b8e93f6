// ctr-build: one build, from its request (image/build/request.h) to a stored image.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "engine/build/runtime_executor.h"
#include "image/archive/helper.h"
#include "image/build/request.h"
#include "image/build/solver.h"
#include "image/layer/digest.h"
#include "libexec/build/inputs.h"

namespace {

using namespace crun;
using namespace crun::build;

constexpr int kRequestFd = 3;
constexpr int kBuildFailed = 1;
constexpr int kNotStarted = 125;

void print(const std::string& text) {
  try {
    write_all(STDERR_FILENO, text, "stderr");
  } catch (const Error&) {  // NOLINT(bugprone-empty-catch): there is nobody left to tell
  }
}

// SIGINT and SIGTERM become readable there: a step is stopped and all is undone, before the process ends by them.
Fd stop_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  checked(sigprocmask(SIG_BLOCK, &signals, nullptr), "blocking signals");
  return Fd(checked(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "opening a signalfd"));
}

// The signal that came, or 0.
int taken_signal(int stop) {
  struct signalfd_siginfo info {};
  return read(stop, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

// A walk of the context holds a descriptor for each folder that it is within.
void raise_descriptors() {
  struct rlimit limit {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::string hex_of(const std::string& text) { return layer::sha256_digest(text).substr(7); }

// One index of digests a context, by the folder's own identity: a context that was moved is still the same.
// Those from stdin share one, as each is a new folder.
DigestIndex open_digests(state::StateRoot& root, const Request& request, const Dir& context) {
  if (request.context == "-") return DigestIndex(root.folder("contexts"), "stdin");
  struct stat status {};
  checked(fstat(context.fd(), &status), "reading the context's status");
  return DigestIndex(root.folder("contexts"), hex_of(fmt::format("{} {}", status.st_dev, status.st_ino)).substr(0, 32));
}

// The folder of this program: those that it starts are beside it.
std::string own_folder() {
  std::string path(4096, '\0');
  ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length < 0) throw SysError(errno, "reading /proc/self/exe");
  path.resize(static_cast<size_t>(length));
  return path.substr(0, path.rfind('/'));
}

// Archives are parsed behind walls, in a process of their own.
bool unpack_archive(int file, const Dir& empty) {
  auto helper = archive::Helper::start(own_folder(), archive::ExtractJob{}, file, empty.fd(), -1, {});
  return archive::parse_extract_report(helper.finish()).archive;
}

// A context that comes by stdin, for as long as this lives: a work of its own, so that what is left of a killed build
// is cleared as all drafts are.
class Streamed {
 public:
  Streamed(image::Store& store, int stop) : work_(store.begin_work("context")), draft_(work_.begin_layer()) {
    Fd spool(checked(openat(draft_.scratch().fd(), "stream", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                     "keeping what comes by standard input"));
    copy_stdin(spool.get(), UINT64_MAX, stop);
    checked(lseek(spool.get(), 0, SEEK_SET), "rewinding what came by standard input");
    if (unpack_archive(spool.get(), draft_.diff())) return;
    checked(lseek(spool.get(), 0, SEEK_SET), "rewinding what came by standard input");
    dockerfile_ = read_regular(spool.get(), dockerfile::kFileLimit, "the Dockerfile from standard input");
  }

  StreamedContext context() const { return {draft_.diff().duplicate(), dockerfile_}; }

 private:
  image::Work work_;
  image::LayerDraft draft_;
  std::optional<std::string> dockerfile_;
};

struct Planned {
  dockerfile::File file;
  Graph graph;
  Plan plan;
};

// Everything that can be found wrong without doing anything is found here.
Planned make_planned(const Request& request, const dockerfile::Source& source, image::Store& store,
                     Progress& progress) {
  Planned planned;
  planned.file = dockerfile::parse(source);
  BuildArguments arguments(request.arguments);
  planned.graph = make_graph(source, planned.file, request.target, arguments);
  planned.plan = make_plan(source, planned.file.escape, planned.graph, arguments, [&store](const std::string& name) {
    image::Image image = store.get_image(store.resolve(name));
    return BaseImage{image.id.text(), image.config()};
  });
  for (const auto& [name, value] : request.labels) planned.plan.stages.back().end.config.config.labels[name] = value;
  for (const std::string& name : arguments.unused()) {
    progress.note(fmt::format("warning: no ARG asks for the build argument {}", name));
  }
  return planned;
}

// Another build's or rmi's removals may cross ours, seldom twice.
image::Digest solve(const SolverParts& parts, const BuildInputs& inputs, const Plan& plan) {
  constexpr int kTries = 5;
  for (int attempt = 1;; ++attempt) {
    try {
      return Solver(parts, inputs.source, plan).solve(inputs.names);
    } catch (const image::LayersGone&) {
      if (attempt == kTries) throw;
      parts.progress.note("a layer was removed by another command: once more");
    }
  }
}

// The image is there: that its cache could not be pruned is no failure of the build.
void prune_cache(image::Store& store) noexcept {
  try {
    store.prune_cache(image::default_cache_bounds(store.root().dir()));
  } catch (const Error& error) {
    log_warning("pruning the build cache: " + error.text());
  }
}

image::Digest build(const Request& request, int stop) {
  state::StateRoot root(request.root, state::Durability::disk, {image::kSchema});
  image::Store store(root);
  Progress progress(STDERR_FILENO, request.quiet);
  EngineConfig config;
  config.data_root = request.root;
  config.run_root = request.run_root;
  config.libexec = own_folder();
  std::unique_ptr<Executor> executor = engine::make_executor(config);
  store.settle();
  std::optional<Streamed> streamed;
  if (request.context == "-") streamed.emplace(store, stop);
  BuildInputs inputs = read_inputs(request, streamed ? std::optional(streamed->context()) : std::nullopt, stop);
  Planned planned = make_planned(request, inputs.source, store, progress);
  SourceTree context(std::move(inputs.context), std::move(inputs.ignore), "the build context", stop);
  DigestIndex digests = open_digests(root, request, context.root());
  std::string scope = hex_of(request.context + "\n" + request.dockerfile).substr(0, 16);
  const SolverParts parts{store,          *executor, context,           digests,         progress,
                          unpack_archive, scope,     !request.no_cache, request.network, stop};
  try {
    image::Digest id = solve(parts, inputs, planned.plan);
    digests.save();
    prune_cache(store);
    return id;
  } catch (...) {
    digests.save();  // what was read was read, however the build ended
    throw;
  }
}

// What is missing and what failed is a failed build, as docker has it; what is malformed never was a build.
int exit_code_of(const Error& error) {
  if (error.kind() == ErrorKind::internal) return kNotStarted;
  bool step = dynamic_cast<const StepFailed*>(&error) != nullptr;
  return step || error.kind() == ErrorKind::not_found ? kBuildFailed : kNotStarted;
}

int run(int stop) {
  try {
    std::string text = read_to_end(kRequestFd, kRequestLimit, "the build request");
    image::Digest id = build(request_from_json(parse_json(text, "the build request")), stop);
    write_all(STDOUT_FILENO, id.text() + "\n", "the image's id");
    return 0;
  } catch (const StepFailed& error) {
    if (int signal = taken_signal(stop)) return 128 + signal;
    print(error.details() + "ctr build: " + error.text() + "\n");
    return exit_code_of(error);
  } catch (const Error& error) {
    if (int signal = taken_signal(stop)) return 128 + signal;
    print("ctr build: " + error.text() + "\n");
    return exit_code_of(error);
  }
}

}  // namespace

int main() {
  set_log_name("ctr build");
  umask(0022);
  raise_descriptors();
  try {
    Fd stop = stop_descriptor();
    return run(stop.get());
  } catch (const std::exception& error) {
    print(std::string("ctr build: ") + error.what() + "\n");
    return kNotStarted;
  }
}
