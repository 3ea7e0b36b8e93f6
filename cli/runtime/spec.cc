#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "cli/runtime/new_container.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/write.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {
    kBundleOption,
    {"file", 'f', Takes::value, "file", "where to write it (default config.json)"},
    {"rootless", 0, Takes::nothing, "", "for a user without rights, who is root in it"},
};

std::string file_of(const Options& options) {
  std::string file = options.find("file") == nullptr ? "config.json" : options.text("file");
  std::string folder = options.text("bundle");
  return folder.empty() || file.starts_with('/') ? file : folder + "/" + file;
}

int write_spec(const Runtime& /*runtime*/, const Options& options) {
  std::string path = file_of(options);
  Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file && errno == EEXIST) {
    throw Error(ErrorKind::exists, path + " exists already; remove it first, or give --bundle another folder");
  }
  if (!file) throw SysError(errno, "making " + path);
  spec::Spec spec = options.flag("rootless") ? spec::rootless_spec(geteuid(), getegid()) : spec::default_spec();
  write_file(file.get(), spec::write_indented(spec), path);
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeSpec{
    {"spec", "", "write a config.json to begin with", "ctr-runtime spec --bundle /bundle", kOptions, {}, 0, 0},
    write_spec};

}  // namespace crun::cli
