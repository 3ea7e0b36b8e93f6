#include <algorithm>

#include "crun/error.h"
#include "engine/spec/generate.h"

namespace crun::engine {
namespace {

constexpr const char* kDefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

std::string absolute_dir(const std::string& path) {
  if (path.empty()) return "/";
  return path.front() == '/' ? path : "/" + path;
}

std::vector<std::string> merge_arguments(const image::ContainerConfig& image, const ContainerRequest& request) {
  std::vector<std::string> arguments;
  if (request.entrypoint) {
    arguments = *request.entrypoint;
  } else if (image.entrypoint) {
    arguments = *image.entrypoint;
  }
  // A new entrypoint does not get the command that was meant for the old one.
  bool image_command = request.command.empty() && !request.entrypoint && image.cmd;
  const std::vector<std::string>& command = image_command ? *image.cmd : request.command;
  arguments.insert(arguments.end(), command.begin(), command.end());
  return arguments;
}

}  // namespace

void override_environment(std::vector<std::string>& base, const std::vector<std::string>& overrides) {
  for (const std::string& entry : overrides) {
    auto same = [&](const std::string& other) { return name_of(other) == name_of(entry); };
    auto found = std::find_if(base.begin(), base.end(), same);
    if (found == base.end()) {
      base.push_back(entry);
    } else {
      *found = entry;
    }
  }
}

ProcessRequest merge_process(const image::ContainerConfig& image, const ContainerRequest& request,
                             const std::string& hostname) {
  ProcessRequest process;
  process.arguments = merge_arguments(image, request);
  if (process.arguments.empty() || process.arguments[0].empty()) {
    throw Error(ErrorKind::invalid,
                "no command: image " + request.image + " has neither CMD nor ENTRYPOINT, and none was given");
  }
  process.environment = {kDefaultPath, "HOSTNAME=" + hostname};
  if (request.tty) process.environment.emplace_back("TERM=xterm");
  override_environment(process.environment, image.env);
  override_environment(process.environment, request.env);
  // `-e NAME` of a variable that the caller does not have takes the image's away.
  std::erase_if(process.environment, [](const std::string& entry) { return entry.find('=') == std::string::npos; });
  process.working_dir = absolute_dir(request.working_dir.empty() ? image.working_dir : request.working_dir);
  process.user = request.user.empty() ? image.user : request.user;
  return process;
}

}  // namespace crun::engine
