#include "libcrun/cgroup/settings.h"

#include <doctest/doctest.h>

#include <functional>

#include "crun/error.h"

namespace crun::cgroup {
namespace {

// "file=value" of each first choice, in order.
std::vector<std::string> files(const Settings& settings) {
  std::vector<std::string> result;
  for (const Setting& setting : settings) result.push_back(setting.files.at(0).name + "=" + setting.files.at(0).value);
  return result;
}

using Files = std::vector<std::string>;

Files memory(const std::function<void(spec::Memory&)>& change) {
  spec::Memory memory;
  change(memory);
  return files(memory_settings(memory));
}

Files cpu(const std::function<void(spec::Cpu&)>& change) {
  spec::Cpu cpu;
  change(cpu);
  return files(cpu_settings(cpu));
}

TEST_CASE("memory: limit, reservation, swap") {
  CHECK(memory([](auto& m) { m.limit = 1000; }) == Files{"memory.max=1000"});
  CHECK(memory([](auto& m) { m.limit = 0; }).empty());
  CHECK(memory([](auto& m) { m.reservation = 5; }) == Files{"memory.low=5"});
  CHECK(memory([](auto& m) { m.limit = -1; }) == Files{"memory.swap.max=max", "memory.max=max"});
}

TEST_CASE("memory: swap is what is above the limit") {
  auto with = [](int64_t limit, int64_t swap) {
    return memory([&](auto& m) {
      m.limit = limit;
      m.swap = swap;
    });
  };
  CHECK(with(1000, 1500) == Files{"memory.swap.max=500", "memory.max=1000"});
  CHECK(with(1000, 1000) == Files{"memory.swap.max=0", "memory.max=1000"});
  CHECK(with(1000, -1) == Files{"memory.swap.max=max", "memory.max=1000"});
  CHECK_THROWS_AS(with(1000, 999), Error);
  CHECK_THROWS_AS(with(0, 999), Error);
  CHECK_THROWS_AS(with(-2, 0), Error);
  spec::Memory none;
  none.limit = 1000;
  none.swap = 1000;
  CHECK(memory_settings(none)[0].met_without);
  none.swap = 1001;
  CHECK_FALSE(memory_settings(none)[0].met_without);
}

TEST_CASE("memory: what v2 does not have is refused by name") {
  CHECK_THROWS_WITH_AS(memory([](auto& m) { m.swappiness = 10; }), "memory.swappiness: cgroup v2 has no such limit",
                       Error);
  CHECK_THROWS_AS(memory([](auto& m) { m.kernel = 1; }), Error);
  CHECK_THROWS_AS(memory([](auto& m) { m.kernel_tcp = 1; }), Error);
  CHECK_THROWS_AS(memory([](auto& m) { m.disable_oom_killer = true; }), Error);
  CHECK(memory([](auto& m) { m.disable_oom_killer = false; }).empty());
}

TEST_CASE("cpu: shares become weights along the curve through 2, 1024 and 262144") {
  auto weight = [](uint64_t shares) { return cpu([&](auto& c) { c.shares = shares; }); };
  CHECK(weight(1) == Files{"cpu.weight=1"});
  CHECK(weight(2) == Files{"cpu.weight=1"});
  CHECK(weight(1024) == Files{"cpu.weight=100"});
  CHECK(weight(262144) == Files{"cpu.weight=10000"});
  CHECK(weight(1000000) == Files{"cpu.weight=10000"});
  CHECK(weight(512) == Files{"cpu.weight=59"});
  CHECK(weight(0).empty());
}

TEST_CASE("cpu: quota, period, burst, idle") {
  CHECK(cpu([](auto& c) { c.quota = 50000; }) == Files{"cpu.max=50000"});
  CHECK(cpu([](auto& c) {
          c.quota = 50000;
          c.period = 200000;
        }) == Files{"cpu.max=50000 200000"});
  CHECK(cpu([](auto& c) { c.quota = -1; }) == Files{"cpu.max=max"});
  CHECK(cpu([](auto& c) { c.period = 1000; }) == Files{"cpu.max=max 1000"});
  CHECK(cpu([](auto& c) {
          c.quota = 5;
          c.burst = 3;
        }) == Files{"cpu.max.burst=0", "cpu.max=5", "cpu.max.burst=3"});
  CHECK(cpu([](auto& c) { c.idle = 1; }) == Files{"cpu.idle=1"});
  CHECK_THROWS_AS(cpu([](auto& c) { c.quota = -2; }), Error);
  CHECK_THROWS_AS(cpu([](auto& c) { c.realtime_runtime = 1; }), Error);
}

TEST_CASE("cpuset") {
  spec::Cpu cpu;
  cpu.cpus = "0-1,3";
  cpu.mems = "0";
  CHECK(files(cpuset_settings(cpu)) == Files{"cpuset.cpus=0-1,3", "cpuset.mems=0"});
  cpu.cpus = "0\n1";
  CHECK_THROWS_AS(cpuset_settings(cpu), Error);
}

TEST_CASE("pids") {
  CHECK(files(pids_settings(5)) == Files{"pids.max=5"});
  CHECK(files(pids_settings(-1)) == Files{"pids.max=max"});
  CHECK(pids_settings(0).empty());
}

TEST_CASE("io: weights with bfq's file first, throttles a write each") {
  spec::BlockIo io;
  io.weight = 10;
  io.weight_devices = {{8, 0, 1000, {}}};
  io.read_bps = {{8, 0, 1048576}};
  io.write_iops = {{8, 16, 0}};
  Settings settings = io_settings(io);
  REQUIRE(settings.size() == 4);
  CHECK(settings[0].files == std::vector<Setting::File>{{"io.bfq.weight", "10"}, {"io.weight", "1"}});
  CHECK(settings[1].files == std::vector<Setting::File>{{"io.bfq.weight", "8:0 1000"}, {"io.weight", "8:0 10000"}});
  CHECK(settings[2].files == std::vector<Setting::File>{{"io.max", "8:0 rbps=1048576"}});
  CHECK(settings[3].files == std::vector<Setting::File>{{"io.max", "8:16 wiops=max"}});
  io.leaf_weight = 5;
  CHECK_THROWS_AS(io_settings(io), Error);
}

TEST_CASE("hugetlb: the page size is a file's name and nothing else") {
  CHECK(files(hugetlb_settings({{"2MB", 4194304}})) ==
        Files{"hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304"});
  // A kernel before 5.7 has the first alone.
  CHECK_FALSE(hugetlb_settings({{"2MB", 1}})[0].met_without);
  CHECK(hugetlb_settings({{"2MB", 1}})[1].met_without);
  for (const char* bad : {"2", "MB", "0MB", "2TB", "../2MB", "2 MB", ""}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(hugetlb_settings({{bad, 1}}), Error);
  }
}

TEST_CASE("rdma: a line a device, with what is limited") {
  CHECK(files(rdma_settings({{"mlx4_0", {3, 10000}}, {"ocrdma1", {{}, 5}}, {"x", {}}})) ==
        Files{"rdma.max=mlx4_0 hca_handle=3 hca_object=10000", "rdma.max=ocrdma1 hca_object=5"});
  CHECK(rdma_settings({{"mlx4_0", {3, {}}}})[0].limit == "rdma.mlx4_0");
  for (const char* bad : {"", "a b", "a\nb", "a=b"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(rdma_settings({{bad, {1, 1}}}), Error);
  }
}

TEST_CASE("unified: a file of a controller, never a path and never the core's own files") {
  CHECK(files(unified_settings({{"memory.high", "1"}, {"pids.max", "2"}})) == Files{"memory.high=1", "pids.max=2"});
  CHECK(unified_settings({{"memory.high", "1"}})[0].controller == "memory");
  CHECK(unified_settings({{"cgroup.max.depth", "1"}})[0].controller.empty());
  for (const char* bad : {"../memory.high", "a/memory.high", "memory", ".memory", "memory..high", "cgroup.procs",
                          "cgroup.kill", "cgroup.subtree_control", ""}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(unified_settings({{bad, "1"}}), Error);
  }
}

TEST_CASE("raw files come last, so that they win") {
  spec::Resources resources;
  resources.pids_limit = 5;
  resources.unified = {{"pids.max", "6"}};
  CHECK(files(settings(resources)) == Files{"pids.max=5", "pids.max=6"});
  resources.network.emplace().class_id = 1;
  CHECK_THROWS_AS(settings(resources), Error);
}

}  // namespace
}  // namespace crun::cgroup
