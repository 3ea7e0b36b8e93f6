#include "cli/ctr/mount_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "cli/ctr/human.h"
#include "cli/ctr/text.h"
#include "crun/error.h"

namespace crun::cli {
namespace {

[[noreturn]] void reject(const std::string& text, std::string_view why) {
  throw Error(ErrorKind::invalid, fmt::format("'{}': {}", text, why));
}

bool is_propagation(std::string_view word) {
  constexpr std::array<std::string_view, 6> known = {"private", "rprivate", "slave", "rslave", "shared", "rshared"};
  return std::find(known.begin(), known.end(), word) != known.end();
}

// The target of a mount: absolute, and not the root itself.
void check_target(const std::string& text, const std::string& target) {
  if (target.empty()) reject(text, "the path in the container is missing");
  if (target[0] != '/') reject(text, fmt::format("'{}' must be an absolute path in the container", target));
  if (target.find_first_not_of("/.") == std::string::npos) reject(text, "the container's root cannot be a mount");
}

void volume_option(BindMount& mount, const std::string& text, const std::string& word) {
  if (word == "ro" || word == "readonly")
    mount.read_only = true;
  else if (word == "rw")
    mount.read_only = false;
  else if (is_propagation(word))
    mount.propagation = word;
  else if (word == "z" || word == "Z")
    reject(text, "SELinux labels (z, Z) are not supported in this release");
  else
    reject(text, fmt::format("'{}' is not an option of a mount; there are ro, rw and the kinds of propagation", word));
}

struct MountWords {
  std::string type = "volume";
  BindMount bind;
  std::string tmpfs_options;
};

bool is_true(const std::string& text, const std::string& key, const std::string& value, bool has_value) {
  if (!has_value || value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  reject(text, fmt::format("{}='{}' is neither true nor false", key, value));
}

void mount_word(MountWords& words, const std::string& text, const std::string& word) {
  const size_t equals = word.find('=');
  const std::string key = word.substr(0, equals);
  const bool has_value = equals != std::string::npos;
  const std::string value = has_value ? word.substr(equals + 1) : "";
  const auto add_tmpfs_option = [&](const std::string& option) {
    words.tmpfs_options += (words.tmpfs_options.empty() ? "" : ",") + option;
  };
  if (key == "readonly" || key == "ro") {
    words.bind.read_only = is_true(text, key, value, has_value);
    return;
  }
  if (!has_value) reject(text, fmt::format("'{}' needs a value: {}=…", key, key));
  if (key == "type")
    words.type = value;
  else if (key == "source" || key == "src")
    words.bind.source = value;
  else if (key == "target" || key == "dst" || key == "destination")
    words.bind.destination = value;
  else if (key == "bind-propagation" && is_propagation(value))
    words.bind.propagation = value;
  else if (key == "tmpfs-size")
    add_tmpfs_option(fmt::format("size={}", parse_memory(value)));
  else if (key == "tmpfs-mode")
    add_tmpfs_option("mode=" + value);
  else
    reject(text, fmt::format("'{}' is not understood", word));
}

}  // namespace

std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::unique_ptr<char, decltype(&free)> here(getcwd(nullptr, 0), &free);
  if (here == nullptr) throw SysError(errno, "finding the working folder");
  std::string_view rest = path;
  while (rest.starts_with("./")) rest.remove_prefix(2);
  return rest.empty() || rest == "." ? here.get() : fmt::format("{}/{}", here.get(), rest);
}

void add_volume(ContainerRequest& request, const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.size() > 3) reject(text, "it has more than SOURCE:TARGET:OPTIONS");
  if (parts.size() == 1)
    throw Error(
        ErrorKind::unsupported,
        fmt::format("'{}': volumes without a source are not supported in this release; give SOURCE:TARGET", text));
  BindMount mount;
  if (parts[0].empty()) reject(text, "the path on the host is missing");
  if (parts[0][0] != '/' && parts[0][0] != '.')
    throw Error(ErrorKind::unsupported,
                fmt::format("'{}': named volumes are not supported in this release; for a folder of this host write "
                            "./{} or an absolute path",
                            text, parts[0]));
  mount.source = absolute_path(parts[0]);
  mount.destination = parts[1];
  mount.make_source = true;
  check_target(text, mount.destination);
  if (parts.size() == 3)
    for (const std::string& word : split(parts[2], ',')) volume_option(mount, text, word);
  request.mounts.push_back(std::move(mount));
}

void add_mount(ContainerRequest& request, const std::string& text) {
  MountWords words;
  for (const std::string& word : split(text, ',')) mount_word(words, text, word);
  if (words.type == "volume")
    throw Error(ErrorKind::unsupported, fmt::format("'{}': volumes are not supported in this release; give type=bind "
                                                    "or type=tmpfs",
                                                    text));
  check_target(text, words.bind.destination);
  if (words.type == "tmpfs") {
    if (!words.bind.source.empty()) reject(text, "a tmpfs has no source");
    if (words.bind.read_only) words.tmpfs_options += words.tmpfs_options.empty() ? "ro" : ",ro";
    request.tmpfs.push_back({words.bind.destination, words.tmpfs_options});
    return;
  }
  if (words.type != "bind") reject(text, fmt::format("type '{}' is neither bind nor tmpfs", words.type));
  if (!words.tmpfs_options.empty()) reject(text, "tmpfs-size and tmpfs-mode are for type=tmpfs");
  if (words.bind.source.empty()) reject(text, "source=… is missing");
  words.bind.source = absolute_path(words.bind.source);
  request.mounts.push_back(std::move(words.bind));
}

void add_tmpfs(ContainerRequest& request, const std::string& text) {
  const size_t colon = text.find(':');
  TmpfsMount mount{text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)};
  check_target(text, mount.destination);
  request.tmpfs.push_back(std::move(mount));
}

}  // namespace crun::cli
