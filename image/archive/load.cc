#include "image/archive/load.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>

#include "base/random_id.h"
#include "crun/error.h"
#include "image/archive/layer_intake.h"

namespace crun::archive {
namespace {

// Where the input stands, if it can be read twice.
struct Position {
  bool seekable = false;
  uint64_t offset = 0;
};

Position position_of(int fd) {
  struct stat status {};
  checked(fstat(fd, &status), "reading the archive's status");
  if (S_ISDIR(status.st_mode)) throw SysError(EISDIR, "reading");
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (!S_ISREG(status.st_mode) || at < 0) return {};
  return {true, static_cast<uint64_t>(at)};
}

// A file of the store's filesystem that has no name: nothing is left of it, however we end.
Fd nameless_file(const image::Store& store) {
  Dir folder = store.layers_dir();
  int fd = openat(folder.fd(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return Fd(fd);
  if (errno != EOPNOTSUPP) throw SysError(errno, "making a temporary file in the store");
  std::string name = "spool." + random_hex(16);
  Fd file = folder.open_at(name, O_RDWR | O_CREAT | O_EXCL, 0600, Resolve::no_symlinks);
  checked(unlinkat(folder.fd(), name.c_str(), 0), "unlinking a temporary file");
  return file;
}

IndexReport index(const std::string& libexec, int input, const Position& position, int spool) {
  IndexJob job{position.offset, position.seekable, image::host_platform()};
  Helper helper = Helper::start(libexec, job, input, spool, -1, {});
  return parse_index_report(helper.finish());
}

std::vector<image::Reference> references(const std::vector<std::string>& names) {
  std::vector<image::Reference> result;
  for (const std::string& name : names) result.push_back(image::Reference::parse(name).with_default_tag());
  return result;
}

std::vector<LoadedImage> load(image::Store& store, const std::string& libexec, const Input& input) {
  Position position = position_of(input.fd);
  Fd spool = nameless_file(store);
  IndexReport report = index(libexec, input.fd, position, spool.get());
  image::Work work = store.begin_work("load");
  LayerIntake intake(store, work, libexec);
  int source = report.spooled ? spool.get() : input.fd;
  std::vector<std::vector<image::LayerId>> layers;
  for (const IndexedImage& image : report.images) layers.push_back(intake.take(source, image.layers));

  std::vector<LoadedImage> result;
  for (size_t i = 0; i < report.images.size(); ++i) {
    const IndexedImage& image = report.images[i];
    LoadedImage loaded{image.id, references(image.names), store.find_image(image.id.text()).has_value()};
    // Parsed here again: what the sandbox says is not trusted further than this.
    image::parse_image_config(image.config, image.id.text());
    work.put_image({image.id, image.original_config, image.config, layers[i]}, loaded.names);
    result.push_back(std::move(loaded));
  }
  work.finish();
  return result;
}

}  // namespace

std::string name_of(const Input& input) {
  if (!input.name.empty()) return input.name;
  // proc(5): of a file the path, of a pipe "pipe:[…]".
  std::string link = "/proc/self/fd/" + std::to_string(input.fd);
  char path[4096];
  ssize_t size = readlink(link.c_str(), path, sizeof path);
  if (size > 0 && path[0] == '/') return std::string(path, static_cast<size_t>(size));
  return input.fd == STDIN_FILENO ? "standard input" : "the archive";
}

std::vector<LoadedImage> load_images(image::Store& store, const std::string& libexec, const Input& input) {
  try {
    return load(store, libexec, input);
  } catch (Error& error) {
    error.add_context("loading " + name_of(input));
    throw;
  }
}

}  // namespace crun::archive
