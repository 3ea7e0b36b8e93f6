#include "libcrun/process/stage_blob.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

using namespace crun;
using namespace crun::process;

namespace {

const StagePlan& header(const std::string& blob) { return *reinterpret_cast<const StagePlan*>(blob.data()); }

std::string text_at(const std::string& blob, uint64_t offset) { return blob.c_str() + offset; }

}  // namespace

TEST_CASE("texts are found by offsets from the blob's start") {
  spec::Process process;
  process.args = {"sh", "-c", "echo \"x\""};
  process.cwd = "/w";
  process.user.uid = 7;
  process.user.umask = 077;
  process.user.additional_gids = {10, 20};
  std::vector<std::string> environment = {"A=1"};
  std::vector<std::string> programs = {"/bin/sh", "/usr/bin/sh"};
  StageInput input{process, environment, programs};
  input.preserve_fds = 2;
  std::string blob = make_stage_blob(input);
  const StagePlan& plan = header(blob);
  CHECK(plan.magic == kStagePlanMagic);
  CHECK(plan.size == blob.size());
  REQUIRE(plan.argv.count == 3);
  CHECK(plan.argv.offset % 8 == 0);
  const auto* argv = reinterpret_cast<const uint64_t*>(blob.data() + plan.argv.offset);
  CHECK(text_at(blob, argv[2]) == "echo \"x\"");
  CHECK(argv[3] == 0);
  CHECK(text_at(blob, plan.cwd.offset) == "/w");
  CHECK(plan.uid == 7);
  CHECK(plan.umask == 077);
  CHECK(plan.groups.count == 2);
  CHECK(plan.programs.count == 2);
  CHECK(plan.label_value.count == 0);
  // The preserved descriptors are 3 and 4.
  CHECK(plan.ready_fd == 5);
  CHECK(plan.start_fd == plan.ready_fd);
  CHECK(plan.first_closed_fd == 5);
}

TEST_CASE("a start from another process goes by the fifos") {
  spec::Process process;
  process.args = {"x"};
  std::vector<std::string> none;
  StageInput input{process, none, none};
  input.start_by_fifo = true;
  StagePlan plan = header(make_stage_blob(input));
  CHECK(plan.ready_fd == 3);
  CHECK(plan.start_fd == 4);
  CHECK(plan.result_fd == 5);
  CHECK(plan.umask == 022);  // the default of config.md "User"
}

TEST_CASE("arguments beyond any 16-bit length are whole (CVE-2021-43784)") {
  spec::Process process;
  process.args = {"x", std::string(100000, 'a'), std::string(70000, 'b')};
  std::vector<std::string> none;
  std::string blob = make_stage_blob(StageInput{process, none, none});
  const StagePlan& plan = header(blob);
  const auto* argv = reinterpret_cast<const uint64_t*>(blob.data() + plan.argv.offset);
  CHECK(text_at(blob, argv[1]) == process.args[1]);
  CHECK(text_at(blob, argv[2]) == process.args[2]);
}

TEST_CASE("the stage cannot be written to, and is one file for all") {
  int stage = stage_file();
  CHECK(stage_file() == stage);
  int seals = fcntl(stage, F_GET_SEALS);
  CHECK((seals & F_SEAL_WRITE) != 0);
  CHECK((seals & F_SEAL_SEAL) != 0);
  CHECK(pwrite(stage, "x", 1, 0) < 0);
  CHECK((fcntl(stage, F_GETFD) & FD_CLOEXEC) != 0);
}
