#include <fcntl.h>

#include <cerrno>

#include "cli/runtime/bundle.h"
#include "cli/runtime/command.h"
#include "cli/runtime/files.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/write.h"

namespace crun::cli {
namespace {

constexpr Option kOptions[] = {kBundleOption};
constexpr RefusedOption kRefused[] = {{"rootless", 0, "user namespaces are not supported yet"}};

int write_spec(const Runtime& /*runtime*/, const Options& options) {
  std::string folder = options.text("bundle");
  std::string path = folder.empty() ? "config.json" : folder + "/config.json";
  Fd file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file && errno == EEXIST) {
    throw Error(ErrorKind::exists, path + " exists already; remove it first, or give --bundle another folder");
  }
  if (!file) throw SysError(errno, "making " + path);
  write_file(file.get(), spec::write_indented(spec::default_spec()), "config.json");
  return 0;
}

}  // namespace

const RuntimeCommand kRuntimeSpec{
    {"spec", "", "write a config.json to begin with", "ctr-runtime spec --bundle /bundle", kOptions, kRefused, 0, 0},
    write_spec};

}  // namespace crun::cli
