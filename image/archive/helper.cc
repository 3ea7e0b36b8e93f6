#include "image/archive/helper.h"

#include <csignal>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"

namespace crun::archive {

Helper Helper::start(const std::string& libexec, const Job& job, int input, int target, int record,
                     const std::vector<int>& lowers) {
  Pipe report = Pipe::make();
  Program program;
  program.path = libexec + "/ctr-image-unpack";
  program.arguments = {"ctr-image-unpack", write_job(job)};
  program.fds = {input, report.write_end.get(), 2, target, record};
  program.fds.insert(program.fds.end(), lowers.begin(), lowers.end());
  Child child = spawn(program);
  return Helper(std::move(child), std::move(report.read_end));
}

std::string Helper::finish() {
  std::string report = read_to_end(report_.get(), kReportLimit, "the report of ctr-image-unpack");
  ExitStatus status = child_.wait();
  if (status.signaled && status.value == SIGSYS) {
    throw Error(ErrorKind::internal,
                "ctr-image-unpack was stopped by its own sandbox: it made a system call that is not allowed");
  }
  if (status.signaled) {
    throw Error(ErrorKind::internal, "ctr-image-unpack was ended by signal " + std::to_string(status.value));
  }
  if (status.value != 0 || report.empty()) {
    throw Error(ErrorKind::internal,
                "ctr-image-unpack ended with exit code " + std::to_string(status.value) + " and no report");
  }
  return report;
}

}  // namespace crun::archive
