// What a container uses, as its cgroup counts it (kernel: Documentation/admin-guide/cgroup-v2.rst).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crun {

// How long tasks had to wait for something (PSI, Linux 4.20): shares of time in percent, `total` in microseconds.
struct Pressure {
  struct Times {
    double avg10 = 0;
    double avg60 = 0;
    double avg300 = 0;
    uint64_t total = 0;
  };
  Times some;  // at least one task waited
  Times full;  // all of them did
};

// Each counter is absent where the kernel does not have it or the controller is not enabled. A limit is absent also
// where there is none ("max").
struct ContainerStats {
  struct Memory {
    std::optional<uint64_t> current;  // bytes, as all here but the events
    std::optional<uint64_t> peak;     // Linux 5.19
    std::optional<uint64_t> limit;
    std::optional<uint64_t> swap_current;  // swap alone
    std::optional<uint64_t> swap_peak;     // Linux 6.5
    std::optional<uint64_t> swap_limit;
    std::optional<uint64_t> limit_events;    // how often the limit was run into
    std::optional<uint64_t> oom_kills;       // processes killed in this cgroup and below
    std::map<std::string, uint64_t> detail;  // memory.stat by its own names: "anon", "file", "inactive_file"
    std::optional<Pressure> pressure;
  };
  struct Cpu {
    std::optional<uint64_t> usage;  // microseconds, as all here but the periods
    std::optional<uint64_t> user;
    std::optional<uint64_t> system;
    std::optional<uint64_t> periods;
    std::optional<uint64_t> throttled_periods;
    std::optional<uint64_t> throttled;
    std::optional<uint64_t> burst_periods;
    std::optional<uint64_t> burst;
    std::optional<Pressure> pressure;
  };
  struct Pids {
    std::optional<uint64_t> current;
    std::optional<uint64_t> limit;
  };
  struct IoDevice {
    uint64_t major = 0;
    uint64_t minor = 0;
    uint64_t read_bytes = 0;
    uint64_t write_bytes = 0;
    uint64_t discard_bytes = 0;
    uint64_t reads = 0;
    uint64_t writes = 0;
    uint64_t discards = 0;
  };
  struct Hugepages {
    std::optional<uint64_t> current;  // bytes
    std::optional<uint64_t> limit;
    std::optional<uint64_t> limit_events;
    std::optional<uint64_t> reserved;  // bytes
    std::optional<uint64_t> reserved_limit;
  };
  struct Rdma {
    std::optional<uint64_t> handles;
    std::optional<uint64_t> handle_limit;
    std::optional<uint64_t> objects;
    std::optional<uint64_t> object_limit;
  };

  Memory memory;
  Cpu cpu;
  Pids pids;
  std::vector<IoDevice> io;
  std::optional<Pressure> io_pressure;
  std::map<std::string, Hugepages> hugetlb;  // by page size: "2MB"
  std::map<std::string, Rdma> rdma;          // by device
};

}  // namespace crun
