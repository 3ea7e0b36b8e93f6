#include "libcrun/container/seccomp_listener.h"

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/fd_passing.h"
#include "base/json.h"
#include "crun/error.h"
#include "libcrun/container/handed_over.h"
#include "libcrun/security/seccomp.h"

namespace crun::container {

SeccompListener::SeccompListener(const spec::Seccomp* profile) : profile_(profile) {
  if (profile == nullptr || !security::seccomp_notifies(*profile)) return;
  socket_ = connect_unix(profile->listener_path, "seccomp listener");
}

void SeccompListener::hand_over(pid_t pid, Fd listener, const std::string& state) const {
  std::string document = process_state_document(pid, profile_->listener_metadata, state);
  if (send_with_fd(socket_.get(), document.data(), document.size(), listener.get())) return;
  throw SysError(errno, "sending the seccomp filter's fd to " + profile_->listener_path);
}

std::string process_state_document(pid_t pid, const std::string& metadata, const std::string& state) {
  nlohmann::json document = {{"ociVersion", spec::kVersion},
                             {"fds", {"seccompFd"}},
                             {"pid", pid},
                             {"state", parse_json(state, "the container's state")}};
  if (!metadata.empty()) document["metadata"] = metadata;
  return write_json(document);
}

}  // namespace crun::container
