// The criu command: its arguments, as pure functions of what is to be dumped or restored, and its run. See criu(8).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "crun/checkpoint.h"

namespace crun::container {

// A mount that is not made out of the images: where it is in the container and how the images call it, or that name and
// what is to be mounted there.
struct ExternalMount {
  std::string key;
  std::string value;
};

struct CriuDump {
  pid_t pid = 0;
  std::string rootfs;
  std::string freeze_cgroup;  // absolute folder; "" where the container has no cgroup
  std::vector<ExternalMount> mounts;
  uint64_t network_inode = 0;  // of a network namespace that the container joined and does not own; 0: none
  int status_fd = -1;          // its number in criu
};
// Throws Error{invalid} for a page server that is none.
std::vector<std::string> criu_dump_arguments(const CheckpointRequest& request, const CriuDump& dump);

struct InheritedFd {
  int fd = -1;       // its number in criu
  std::string name;  // what it takes the place of: "pipe:[1234]", "extRootNetNS"
};

struct CriuRestore {
  std::string root;      // a mount point
  std::string pid_file;  // absolute
  std::string cgroup;    // below the hierarchy; "" where the container has none
  std::vector<ExternalMount> mounts;
  std::vector<InheritedFd> inherited;
};
std::vector<std::string> criu_restore_arguments(const RestoreRequest& request, const CriuRestore& restore);

// The absolute path of the program. Throws Error{unsupported} with the next step.
std::string find_criu(const std::string& program);

// Waits for it. what: "checkpointing container c1". Throws Error{system} with the reason out of its log.
struct CriuRun {
  std::string program;
  std::vector<std::string> arguments;
  std::string log;                  // absolute
  std::vector<int> fds;             // from 3 on
  int (*prepare)(void*) = nullptr;  // as base/child.h's
  void* context = nullptr;
};
void run_criu(const CriuRun& run, const std::string& what);

// What the network namespace that a container joins is called in its images, as by runc.
inline constexpr const char* kExternalNetwork = "extRootNetNS";
// The file beside the images that says what fds 0 to 2 were, as runc's: a JSON list of three texts.
inline constexpr const char* kDescriptorsFile = "descriptors.json";

}  // namespace crun::container
