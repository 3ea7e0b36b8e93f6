#include "libcrun/process/stage_blob.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/process/plan.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

namespace crun::process {
namespace {

constexpr unsigned char kStageImage[] = {
#include "libcrun/process/stage_image.inc"
};

class BlobWriter {
 public:
  BlobWriter() : bytes_(sizeof(StagePlan), '\0') {}

  template <typename T>
  BlobRange array(const std::vector<T>& values) {
    align();
    BlobRange range{position(), static_cast<uint32_t>(values.size())};
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return range;
  }

  BlobRange text(std::string_view value) {
    BlobRange range{position(), static_cast<uint32_t>(value.size())};
    bytes_.append(value);
    bytes_.push_back('\0');
    return range;
  }

  // Offsets of the texts, then a 0 that is not counted: argv as execve wants it, once the stage has added its base.
  BlobRange texts(const std::vector<std::string>& values) {
    std::vector<uint64_t> offsets;
    offsets.reserve(values.size() + 1);
    for (const std::string& value : values) offsets.push_back(text(value).offset);
    offsets.push_back(0);
    BlobRange range = array(offsets);
    range.count = static_cast<uint32_t>(values.size());
    return range;
  }

  // Data for the kernel, aligned as any structure of its.
  uint32_t data(std::string_view bytes) {
    align();
    uint32_t offset = position();
    bytes_.append(bytes);
    return offset;
  }

  std::string finish(StagePlan plan) {
    plan.size = position();
    memcpy(bytes_.data(), &plan, sizeof plan);
    return std::move(bytes_);
  }

 private:
  void align() { bytes_.resize((bytes_.size() + 7) / 8 * 8); }

  uint32_t position() const {
    if (bytes_.size() > kLongestBlob) {
      throw Error(ErrorKind::invalid, "the process's arguments and environment are longer than 64 MiB");
    }
    return static_cast<uint32_t>(bytes_.size());
  }

  static constexpr size_t kLongestBlob = 64 << 20;
  std::string bytes_;
};

BlobRange write_calls(BlobWriter& writer, const std::vector<KernelCall>& calls) {
  std::vector<StageCall> result;
  for (const KernelCall& call : calls) {
    StageCall& entry = result.emplace_back();
    entry.step = static_cast<uint32_t>(call.step);
    entry.data_argument = call.data_argument;
    entry.number = static_cast<uint64_t>(call.number);
    for (size_t i = 0; i < call.arguments.size(); ++i) entry.arguments[i] = call.arguments[i];
    if (call.data_argument >= 0) entry.arguments[call.data_argument] = writer.data(call.data);
  }
  return writer.array(result);
}

void set_fds(StagePlan& plan, const StageInput& input) {
  StageFds fds = stage_fds(input.preserve_fds);
  plan.ready_fd = fds.sync();
  plan.start_fd = input.start_by_fifo ? fds.start() : fds.sync();
  plan.result_fd = input.start_by_fifo ? fds.result() : fds.sync();
  plan.proc_fd = input.label ? fds.proc() : -1;
  plan.first_closed_fd = static_cast<uint32_t>(fds.first);
}

void set_credentials(StagePlan& plan, const StageInput& input) {
  const spec::User& user = input.process.user;
  plan.uid = user.uid;
  plan.gid = user.gid;
  plan.umask = user.umask.value_or(022);
  plan.no_new_privileges = input.process.no_new_privileges ? 1 : 0;
  plan.last_capability = static_cast<uint32_t>(input.last_capability);
  plan.bounding = input.capabilities.bounding;
  plan.effective = input.capabilities.effective;
  plan.permitted = input.capabilities.permitted;
  plan.inheritable = input.capabilities.inheritable;
  plan.ambient = input.capabilities.ambient;
  plan.death_signal = input.death_signal;
}

}  // namespace

std::string make_stage_blob(const StageInput& input) {
  StagePlan plan;
  BlobWriter writer;
  set_fds(plan, input);
  set_credentials(plan, input);
  plan.groups = writer.array(input.process.user.additional_gids);
  std::vector<StageRlimit> limits;
  for (const spec::Rlimit& limit : input.process.rlimits) {
    limits.push_back({static_cast<uint32_t>(limit.resource), 0, limit.soft, limit.hard});
  }
  plan.rlimits = writer.array(limits);
  if (!input.calls.empty()) plan.calls = write_calls(writer, input.calls);
  if (input.filter != nullptr) {
    plan.filter = writer.array(input.filter->program);
    plan.filter_flags = input.filter->flags;
  }
  plan.argv = writer.texts(input.process.args);
  plan.envp = writer.texts(input.environment);
  plan.programs = writer.texts(input.programs);
  plan.cwd = writer.text(input.process.cwd.empty() ? "/" : input.process.cwd);
  if (input.label) {
    for (int i = 0; i < 2; ++i) {
      if (!input.label->files[i].empty()) plan.label_files[i] = writer.text("thread-self/" + input.label->files[i]);
    }
    plan.label_value = writer.text(input.label->value);
  }
  return writer.finish(plan);
}

Fd make_sealed_file(const char* name, const void* content, size_t size, bool executable) {
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  // Asked for where the kernel knows it (6.3), so that vm.memfd_noexec does not take it away.
  Fd file(memfd_create(name, flags | (executable ? MFD_EXEC : 0U)));
  if (!file && errno == EINVAL) file.reset(memfd_create(name, flags));
  if (!file) throw SysError(errno, "making a file in memory");
  write_all(file.get(), std::string_view(static_cast<const char*>(content), size), name);
  int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  checked(fcntl(file.get(), F_ADD_SEALS, seals), "sealing a file in memory");
  return file;
}

int stage_file() {
  static const Fd kFile = make_sealed_file("ctr-stage", kStageImage, sizeof kStageImage, true);
  return kFile.get();
}

void hide_stage() { checked(fchmod(stage_file(), 0111), "hiding the stage"); }

}  // namespace crun::process
