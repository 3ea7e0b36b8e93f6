#include "libexec/build/inputs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/file.h"
#include "crun/error.h"
#include "image/build/stop.h"
#include "image/dockerfile/parse.h"

namespace crun::build {
namespace {

constexpr size_t kIgnoreLimit = 4 << 20;  // bytes of a .dockerignore
constexpr const char* kDefaultName = "Dockerfile";

Dir open_context(const std::string& path) {
  if (path.empty()) throw Error(ErrorKind::invalid, "the build needs a context: a folder, often '.'");
  try {
    return Dir::open(path);
  } catch (const SysError& error) {
    if (error.errno_value() == ENOTDIR) throw Error(ErrorKind::invalid, "the build context " + path + " is no folder");
    if (error.errno_value() != ENOENT) throw;
    throw Error(ErrorKind::not_found, "the build context " + path + " does not exist");
  }
}

std::optional<std::string> find_in_context(const Dir& context, const std::string& name, size_t limit) {
  std::optional<Fd> file = context.find_at(name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return std::nullopt;
  return read_regular(file->get(), limit, name);
}

// A file that the user names, by a path of his own: a pipe may be one (`-f <(make-dockerfile)`).
std::optional<std::string> find_named(const std::string& path, size_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) throw SysError(errno, "opening " + path);
  return read_to_end(file.get(), limit, path);
}

std::string read_stdin(int stop) {
  Fd spool(checked(memfd_create("Dockerfile", MFD_CLOEXEC), "keeping the Dockerfile"));
  copy_stdin(spool.get(), dockerfile::kFileLimit, stop);
  checked(lseek(spool.get(), 0, SEEK_SET), "rewinding the Dockerfile");
  return read_to_end(spool.get(), dockerfile::kFileLimit, "standard input");
}

// A name in an archive is one of the archive's own.
dockerfile::Source read_streamed(const Request& request, const StreamedContext& streamed) {
  if (streamed.dockerfile && request.dockerfile.empty()) return dockerfile::Source(kDefaultName, *streamed.dockerfile);
  std::string name = request.dockerfile.empty() ? kDefaultName : request.dockerfile;
  std::optional<std::string> text = find_in_context(streamed.folder, name, dockerfile::kFileLimit);
  if (!text) throw Error(ErrorKind::not_found, "there is no file " + name + " in the context from standard input");
  return dockerfile::Source(name, *text);
}

dockerfile::Source read_dockerfile(const Request& request, const Dir& context, int stop) {
  if (request.dockerfile == "-") return dockerfile::Source(kDefaultName, read_stdin(stop));
  if (!request.dockerfile.empty()) {
    std::optional<std::string> text = find_named(request.dockerfile, dockerfile::kFileLimit);
    if (!text) throw Error(ErrorKind::not_found, "there is no file " + request.dockerfile);
    return dockerfile::Source(request.dockerfile, *text);
  }
  for (const char* name : {kDefaultName, "dockerfile"}) {
    if (std::optional<std::string> text = find_in_context(context, name, dockerfile::kFileLimit)) {
      return dockerfile::Source(name, *text);
    }
  }
  throw Error(ErrorKind::not_found, "there is no Dockerfile in " + request.context + ": name one with -f");
}

// That of the Dockerfile's own comes before that of the context.
IgnoreRules read_ignore(const Request& request, const Dir& context) {
  if (request.dockerfile.empty() || request.context == "-") {
    std::string name = (request.dockerfile.empty() ? std::string(kDefaultName) : request.dockerfile) + ".dockerignore";
    if (std::optional<std::string> text = find_in_context(context, name, kIgnoreLimit)) {
      return IgnoreRules::parse(*text, name);
    }
  } else if (request.dockerfile != "-") {
    std::string path = request.dockerfile + ".dockerignore";
    if (std::optional<std::string> text = find_named(path, kIgnoreLimit)) return IgnoreRules::parse(*text, path);
  }
  std::optional<std::string> text = find_in_context(context, ".dockerignore", kIgnoreLimit);
  return text ? IgnoreRules::parse(*text, ".dockerignore") : IgnoreRules();
}

}  // namespace

void copy_stdin(int to, uint64_t most, int stop) {
  std::vector<char> buffer(1 << 16);
  for (uint64_t total = 0;;) {
    pollfd polled[2] = {{STDIN_FILENO, POLLIN, 0}, {stop, POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) throw SysError(errno, "waiting for standard input");
    check_stop(stop);
    ssize_t count = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw SysError(errno, "reading standard input");
    if (count == 0) return;
    total += static_cast<uint64_t>(count);
    if (total > most)
      throw Error(ErrorKind::invalid, "standard input is larger than " + std::to_string(most) + " bytes");
    write_all(to, {buffer.data(), static_cast<size_t>(count)}, "what comes by standard input");
  }
}

BuildInputs read_inputs(const Request& request, std::optional<StreamedContext> streamed, int stop) {
  std::vector<image::Reference> names;
  for (const std::string& tag : request.tags) {
    names.push_back(image::Reference::parse(tag).with_default_tag());
    if (names.back().digest)
      throw Error(ErrorKind::invalid, "tag '" + tag + "': a name that is given cannot hold a digest");
  }
  Dir context = streamed ? streamed->folder.duplicate() : open_context(request.context);
  dockerfile::Source source = streamed ? read_streamed(request, *streamed) : read_dockerfile(request, context, stop);
  IgnoreRules ignore = read_ignore(request, context);
  return BuildInputs{std::move(context), std::move(source), std::move(ignore), std::move(names)};
}

}  // namespace crun::build
