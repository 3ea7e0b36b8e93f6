// What a container's resources mean in files of cgroup v2: computed, not written. One function a controller, each in a
// file of its own; none looks at the host, so they test without root.
// Source: config-linux.md "Control groups", the kernel's admin-guide/cgroup-v2.rst.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::cgroup {

// One file to write. The first of `files` that exists in the cgroup is taken: bfq has its own name for io.weight.
struct Setting {
  struct File {
    std::string name;
    std::string value;
    bool operator==(const File&) const = default;
  };
  std::string limit;       // what was asked for, as the config names it: "memory.limit"
  std::string controller;  // what gives it: "memory"
  std::vector<File> files;
  // A kernel without the file does as asked anyway: no swap is no swap.
  bool met_without = false;
  bool operator==(const Setting&) const = default;
};

using Settings = std::vector<Setting>;

// Each throws Error{unsupported} for what cgroup v2 has no file for, and Error{invalid} for values that cannot be.
Settings memory_settings(const spec::Memory& memory);
Settings cpu_settings(const spec::Cpu& cpu);
Settings cpuset_settings(const spec::Cpu& cpu);
Settings pids_settings(int64_t limit);
Settings io_settings(const spec::BlockIo& io);
Settings hugetlb_settings(const std::vector<spec::HugepageLimit>& limits);
Settings rdma_settings(const std::map<std::string, spec::Rdma>& limits);
// Raw files last, so that they win over what the fields above said.
Settings unified_settings(const spec::StringMap& unified);

// All of them, in the order in which they are written. Throws also for `network`.
Settings settings(const spec::Resources& resources);

// What a container with these resources would miss first where it has no cgroup at all: "memory.limit", "devices"; ""
// where it would miss nothing. Throws as settings().
std::string first_limit(const spec::Resources& resources);

}  // namespace crun::cgroup
