// Checkpoint and restore by the criu command (criu(8)), which must be installed: the processes of a container become
// files, and processes again, on this machine or another.
#pragma once

#include <string>

#include "crun/runtime.h"

namespace crun {

// What criu is told for both. Names and meaning as criu's own options.
struct CriuOptions {
  std::string image_path;  // absolute folder of the image files
  std::string work_path;   // absolute folder of log and statistics; "": image_path
  bool tcp_established = false;
  bool ext_unix_sk = false;
  bool shell_job = false;
  bool file_locks = false;
  bool lazy_pages = false;
  bool auto_dedup = false;
  bool link_remap = false;
  bool empty_network = false;       // the network namespace's content is neither dumped nor restored
  std::string manage_cgroups_mode;  // "soft", "full", "strict", "ignore"; "": soft
};

struct CheckpointRequest {
  CriuOptions criu;            // image_path is made (0700) where it does not exist
  bool leave_running = false;  // else its processes are killed when all is written, and it is stopped
  bool pre_dump = false;       // memory alone, which a later checkpoint names as its parent; it runs on
  bool tcp_skip_in_flight = false;
  std::string parent_path;  // images of an earlier pre_dump, relative to image_path; "": none
  std::string page_server;  // "address:port" that memory is sent to; "": none
  int status_fd = -1;       // borrowed: with lazy_pages, gets a 0 byte when pages can be asked for
};

struct RestoreRequest {
  // As for create, but for what the images hold: no terminal, and of the hooks poststart and poststop alone.
  // io.stdio takes the place of the pipes that the processes had.
  CreateRequest container;
  CriuOptions criu;
  std::string lsm_profile;        // "apparmor:NAME" or "selinux:LABEL"; "": the one it had
  std::string lsm_mount_context;  // SELinux; "": the one it had
};

}  // namespace crun
