// ctr-image-unpack: reads what others made, behind walls. What it is asked and what it answers:
// image/archive/protocol.h.
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/file.h"
#include "crun/error.h"
#include "image/archive/index_archive.h"
#include "image/archive/protocol.h"
#include "image/layer/ahead.h"
#include "image/layer/digest.h"
#include "image/layer/recognize.h"
#include "image/layer/record.h"
#include "image/layer/stream.h"
#include "image/layer/tar_reader.h"
#include "image/layer/unpack.h"
#include "image/oci/config.h"
#include "libexec/sandbox/sandbox.h"

namespace {

using namespace crun;
using namespace crun::archive;

std::optional<image::Digest> checked_digest(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return image::Digest::parse(text);
}

std::string run(const LayerJob& job) {
  sandbox::Walls walls;
  walls.root = kTargetFd;
  walls.writable = true;
  walls.threads = job.two_threads;
  walls.descriptors = {kRecordFd};
  layer::UnpackOptions options;
  options.complete = job.complete;
  for (size_t i = 0; i < job.lowers; ++i) options.lowers.push_back(kFirstLowerFd + static_cast<int>(i));
  walls.readable = options.lowers;
  Dir root = sandbox::enter(walls);
  if (!root.list().empty()) throw Error(ErrorKind::internal, "the folder to unpack into is not empty");

  layer::Sha256 blob;
  layer::Extent extent{kInputFd, job.seekable, job.offset, job.size};
  auto source = layer::open_inflated(extent, job.blob_digest ? &blob : nullptr);
  if (job.two_threads) source = layer::read_ahead(std::move(source));
  layer::TarRecorder recorder(kRecordFd);
  options.recorder = &recorder;
  layer::UnpackResult result = layer::unpack_layer(*source, root, options);
  LayerReport report;
  report.diff_id = checked_digest(result.diff_id);
  if (job.blob_digest) report.blob_digest = checked_digest(blob.digest());
  report.entries = result.entries;
  report.bytes = result.bytes;
  report.self_contained = result.self_contained;
  report.lacks = layer::printable(result.lacks);
  return write_report(report);
}

std::string run(const IndexJob& job) {
  sandbox::Walls walls;
  walls.descriptors = {kTargetFd};
  sandbox::enter(walls);
  return write_report(index_archive(kInputFd, job, kTargetFd));
}

std::string run(const DigestJob&) {
  sandbox::enter({});
  std::string text = read_to_end(kInputFd, image::kConfigBytes, "the text");
  return write_report(DigestReport{image::Digest::parse(layer::sha256_digest(text))});
}

std::string run(const ExtractJob&) {
  sandbox::Walls walls;
  walls.root = kTargetFd;
  walls.writable = true;
  Dir root = sandbox::enter(walls);
  if (!root.list().empty()) throw Error(ErrorKind::internal, "the folder to unpack into is not empty");
  layer::Extent extent{kInputFd, true, 0, UINT64_MAX};
  if (!layer::is_tar(*layer::open_inflated(extent))) return write_report(ExtractReport{false});
  layer::extract_archive(*layer::open_inflated(extent), root, "/", layer::ExtractOptions{});
  return write_report(ExtractReport{true});
}

// All that libraries look for on disk is loaded here: behind the walls there is no disk.
void prepare() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  layer::warm_up_tar_reading();
}

}  // namespace

int main(int count, char** arguments) {
  std::string report;
  try {
    if (count != 2) throw Error(ErrorKind::invalid, "ctr-image-unpack is started by ctr, with one request");
    prepare();
    Job job = parse_job(arguments[1]);
    report = std::visit([](const auto& one) { return run(one); }, job);
  } catch (const Error& error) {
    report = write_failure(error);
  } catch (const std::exception& error) {
    report = write_failure(Error(ErrorKind::internal, std::string("ctr-image-unpack: ") + error.what()));
  }
  try {
    write_all(kReportFd, report, "the report");
  } catch (const Error&) {
    _exit(1);
  }
  _exit(0);
}
