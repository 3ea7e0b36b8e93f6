#include "engine/container/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "crun/error.h"
#include "engine/spec/host.h"

namespace crun::engine {
namespace {

void write_file(const Dir& folder, const char* name, const std::string& text) {
  // Kept by its inode: a container that is started again has the old one mounted nowhere.
  Fd file(openat(folder.fd(), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) throw SysError(errno, std::string("writing the container's ") + name);
  // The caller's umask must not decide whether the container's users may resolve names.
  checked(fchmod(file.get(), 0644), "setting the mode of a container's file");
  write_all(file.get(), text, name);
}

std::string host_hosts() {
  try {
    return read_path("/etc/hosts");
  } catch (const SysError& error) {
    if (error.errno_value() == ENOENT) return "";
    throw;
  }
}

}  // namespace

std::string hosts_text(const std::string& hostname) {
  return "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
         "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n127.0.0.1\t" +
         hostname + "\n";
}

void write_container_files(const Dir& folder, const ContainerRequest& request, const std::string& hostname) {
  bool host_network = request.network == "host";
  write_file(folder, "hostname", hostname + "\n");
  write_file(folder, "hosts", host_network ? host_hosts() : hosts_text(hostname));
  write_file(folder, "resolv.conf", read_resolv_conf(host_network));
}

void make_bind_sources(const ContainerRequest& request) {
  for (const BindMount& bind : request.mounts) {
    struct stat status {};
    if (bind.make_source && stat(bind.source.c_str(), &status) != 0) Dir::open_or_make(bind.source, 0755);
  }
}

}  // namespace crun::engine
