#include "image/archive/save.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "base/child.h"
#include "base/fd_passing.h"
#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "image/archive/pack_job.h"
#include "image/archive/protocol.h"

namespace crun::archive {
namespace {

using image::LayerId;

// What is asked for, each image and layer once.
class Packing {
 public:
  Packing(image::Store& store, Format format) : store_(store) { job_.format = format; }

  void add(const SaveItem& item) {
    auto known = std::find_if(job_.images.begin(), job_.images.end(),
                              [&](const PackImage& image) { return image.id == item.id; });
    if (known == job_.images.end()) {
      image::Image image = store_.get_image(item.id);
      PackImage packed{item.id, image.original_config, {}, {}};
      for (const image::Layer& layer : image.layers) packed.layers.push_back(number_of(layer));
      known = job_.images.insert(job_.images.end(), std::move(packed));
    }
    for (const image::Reference& name : item.names) {
      std::string canonical = name.canonical();
      if (std::find(known->names.begin(), known->names.end(), canonical) == known->names.end()) {
        known->names.push_back(canonical);
      }
    }
  }

  const PackJob& job() const { return job_; }
  const std::vector<LayerId>& layers() const { return ids_; }

 private:
  // By diff id: two layers of one diff id (one of them completed from its parents) have the same tar.
  size_t number_of(const image::Layer& layer) {
    auto [found, is_new] = numbers_.try_emplace(layer.info.diff_id, job_.layers.size());
    if (is_new) {
      job_.layers.push_back({layer.id, layer.info.diff_id});
      ids_.push_back(layer.id);
    }
    return found->second;
  }

  image::Store& store_;
  PackJob job_;
  std::vector<LayerId> ids_;
  std::map<image::Digest, size_t> numbers_;
};

Fd memory_file(const std::string& text) {
  Fd file(checked(memfd_create("request", MFD_CLOEXEC), "making a memory file"));
  write_all(file.get(), text, "a request");
  checked(lseek(file.get(), 0, SEEK_SET), "rewinding a memory file");
  return file;
}

// Hands out tar records until the other side is gone.
void serve_records(const image::Store& store, const std::vector<LayerId>& layers, int socket) {
  for (;;) {
    uint32_t number = 0;
    ssize_t got = recv(socket, &number, sizeof number, 0);
    if (got < 0 && errno == EINTR) continue;
    if (checked(got, "hearing from ctr-image-pack") == 0) return;
    if (got != sizeof number || number >= layers.size()) {
      throw Error(ErrorKind::internal, "ctr-image-pack asked for a layer that is not there");
    }
    std::optional<Fd> record = store.find_record(layers[number]);
    char there = record ? 1 : 0;
    if (!send_with_fd(socket, &there, 1, record ? record->get() : -1))
      throw SysError(errno, "answering ctr-image-pack");
  }
}

void check_end(Child& child, const std::string& report) {
  ExitStatus status = child.wait();
  if (!report.empty()) throw_failure_of(report);
  if (status.signaled) {
    throw Error(ErrorKind::internal, "ctr-image-pack was ended by signal " + std::to_string(status.value));
  }
  if (status.value != 0) {
    throw Error(ErrorKind::internal, "ctr-image-pack ended with exit code " + std::to_string(status.value));
  }
}

}  // namespace

void save_images(image::Store& store, const std::string& libexec, const std::vector<SaveItem>& items, Format format,
                 int out) {
  // Holds the layers, so that no rmi takes one away while it is read.
  image::Work work = store.begin_work("save");
  Packing packing(store, format);
  for (const SaveItem& item : items) packing.add(item);
  if (!work.hold(packing.layers())) {
    throw Error(ErrorKind::busy, "saving images: one of them was removed meanwhile");
  }
  Fd request = memory_file(write_pack_job(packing.job()));
  Pipe report = Pipe::make();
  SocketPair records = SocketPair::make();
  Dir layers = store.layers_dir();
  Program program;
  program.path = libexec + "/ctr-image-pack";
  program.arguments = {"ctr-image-pack"};
  program.fds = {request.get(), report.write_end.get(), 2, out, records.theirs.get(), layers.fd()};
  Child child = spawn(program);
  report.write_end.reset();
  records.theirs.reset();
  serve_records(store, packing.layers(), records.ours.get());
  check_end(child, read_to_end(report.read_end.get(), kReportLimit, "the report of ctr-image-pack"));
  work.finish();
}

}  // namespace crun::archive
