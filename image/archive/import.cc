#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rfc3339.h"
#include "crun/error.h"
#include "image/archive/layer_intake.h"
#include "image/archive/load.h"

namespace crun::archive {
namespace {

using image::Digest;

Digest digest_of(const std::string& libexec, const std::string& text) {
  Fd file(checked(memfd_create("config", MFD_CLOEXEC), "making a memory file"));
  write_all(file.get(), text, "a configuration");
  checked(lseek(file.get(), 0, SEEK_SET), "rewinding a memory file");
  Helper helper = Helper::start(libexec, DigestJob{}, file.get(), -1, -1, {});
  return parse_digest_report(helper.finish()).digest;
}

LayerJob job_for(int fd) {
  LayerJob job;
  // Nothing is below it, so it is complete with what it has.
  job.complete = true;
  job.two_threads = true;
  struct stat status {};
  checked(fstat(fd, &status), "reading the archive's status");
  off_t at = lseek(fd, 0, SEEK_CUR);
  job.seekable = S_ISREG(status.st_mode) && at >= 0;
  job.offset = job.seekable ? static_cast<uint64_t>(at) : 0;
  return job;
}

}  // namespace

Digest import_image(image::Store& store, const std::string& libexec, const Input& input, const ImportOptions& options) {
  try {
    image::Work work = store.begin_work("import");
    LayerIntake intake(store, work, libexec);
    image::Layer layer = intake.take_stream(job_for(input.fd), input.fd);
    image::ImageConfig config = options.config;
    if (config.platform.os.empty()) config.platform = image::host_platform();
    config.created = format_rfc3339(unix_nanoseconds());
    config.diff_ids = {layer.info.diff_id};
    image::History history;
    history.created = config.created;
    history.comment = options.message.empty() ? "Imported from " + name_of(input) : options.message;
    config.history = {history};
    std::string text = image::write_image_config(config);
    Digest id = digest_of(libexec, text);
    std::vector<image::Reference> names;
    if (options.name) names.push_back(*options.name);
    work.put_image({id, text, "", {layer.id}}, names);
    work.finish();
    return id;
  } catch (Error& error) {
    error.add_context("importing " + name_of(input));
    throw;
  }
}

}  // namespace crun::archive
