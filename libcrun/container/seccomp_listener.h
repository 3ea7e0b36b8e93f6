// Who answers a seccomp filter's notifications: the one that listens at linux.seccomp.listenerPath gets the filter's fd
// and the container process state (runtime.md "State", config-linux.md "The Container Process State").
#pragma once

#include <sys/types.h>

#include <string>

#include "crun/fd.h"
#include "libcrun/spec/spec.h"

namespace crun::container {

class SeccompListener {
 public:
  // Connects where the profile notifies somebody. profile: borrowed, or null. Throws SysError.
  explicit SeccompListener(const spec::Seccomp* profile);

  // pid: of the process with the filter; state: the container's, as JSON. One message: the state, and the fd by
  // SCM_RIGHTS. Throws SysError.
  void hand_over(pid_t pid, Fd listener, const std::string& state) const;

 private:
  const spec::Seccomp* profile_;
  Fd socket_;
};

// The document of that message. Pure.
std::string process_state_document(pid_t pid, const std::string& metadata, const std::string& state);

}  // namespace crun::container
