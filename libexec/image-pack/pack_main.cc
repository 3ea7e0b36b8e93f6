// ctr-image-pack: writes an archive of images, with read access to the layers alone. What it is asked and what it
// answers: image/archive/pack_job.h. Its second half to ctr-image-unpack, which must not see the store.
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/fd_passing.h"
#include "base/file.h"
#include "crun/error.h"
#include "image/archive/pack.h"
#include "image/archive/protocol.h"
#include "libexec/sandbox/sandbox.h"

namespace {

using namespace crun;
using namespace crun::archive;

std::optional<Fd> ask_for_record(size_t layer) {
  auto number = static_cast<uint32_t>(layer);
  checked(send(kRecordsFd, &number, sizeof number, MSG_NOSIGNAL), "asking for a tar record");
  char there = 0;
  Fd record;
  ssize_t size = receive_with_fd(kRecordsFd, &there, 1, record);
  if (size != 1 || (there != 0) != static_cast<bool>(record)) {
    throw Error(ErrorKind::internal, "no answer about a tar record");
  }
  if (there == 0) return std::nullopt;
  return record;
}

void run() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  sandbox::Walls walls;
  walls.root = kLayersFd;
  walls.reads_all = true;
  walls.descriptors = {kArchiveFd, kRecordsFd};
  Dir layers = sandbox::enter(walls);
  PackJob job = parse_pack_job(read_to_end(0, kReportLimit, "the request"));
  layer::FdSink out(kArchiveFd);
  pack_images(job, layers, ask_for_record, out);
}

}  // namespace

int main() {
  std::string report;
  try {
    run();
  } catch (const Error& error) {
    report = write_failure(error);
  } catch (const std::exception& error) {
    report = write_failure(Error(ErrorKind::internal, std::string("ctr-image-pack: ") + error.what()));
  }
  try {
    write_all(kReportFd, report, "the report");
  } catch (const Error&) {
    _exit(1);
  }
  _exit(0);
}
