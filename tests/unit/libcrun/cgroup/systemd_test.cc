#include <doctest/doctest.h>

#include <algorithm>

#include "crun/error.h"
#include "libcrun/cgroup/devices.h"
#include "libcrun/cgroup/systemd_unit.h"

namespace crun::cgroup {
namespace {

using dbus::Properties;

constexpr uint64_t kInfinity = UINT64_MAX;
constexpr std::string_view kDevices =
    "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n  8 sd\n136 other\n";

Properties of(const spec::Resources& resources) { return unit_properties(settings(resources)); }
Properties of_file(const std::string& file, const std::string& value) {
  return unit_properties({{"", "", {{file, value}}}});
}

TEST_CASE("a place: slice, prefix and name") {
  auto text = [](std::string_view path) {
    UnitPlace place = unit_place(path, "c1");
    return place.slice + " " + place.scope;
  };
  CHECK(text("") == " ctr-c1.scope");
  CHECK(text("machine.slice:libpod:abc") == "machine.slice libpod-abc.scope");
  CHECK(text(":libpod:abc") == " libpod-abc.scope");
  CHECK(text("a.slice::abc") == "a.slice abc.scope");
  CHECK(text("a.slice:p:abc.scope") == "a.slice p-abc.scope");
  for (const char* bad : {"/a/b", "a", "a:b", "a.slice:b:", "a.slice:b:c:d", "a:b:c", "a.slice:b:c/d", "a.slice:b:../c",
                          "a.slice:b:c.slice", "a--b.slice:p:n", "-a.slice:p:n", "a/b.slice:p:n", "a.slice:b:c d"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(unit_place(bad, "c1"), Error);
  }
  CHECK_THROWS_AS(unit_place(std::string(":p:") + std::string(256, 'x'), "c1"), Error);
}

TEST_CASE("a slice's dashes are its parents") {
  CHECK(slice_folder("system.slice") == "/system.slice");
  CHECK(slice_folder("a-b-c.slice") == "/a.slice/a-b.slice/a-b-c.slice");
  CHECK(slice_folder("-.slice") == "");
}

TEST_CASE("limits are properties") {
  spec::Resources resources;
  resources.memory.emplace().limit = 1000;
  resources.memory->swap = 1500;
  resources.memory->reservation = 500;
  resources.pids_limit = -1;
  resources.cpu.emplace().shares = 1024;
  resources.cpu->quota = 50000;
  resources.cpu->period = 200000;
  resources.cpu->cpus = "0-1,9";
  resources.cpu->mems = "0";
  CHECK(of(resources) == Properties{{"AllowedCPUs", dbus::Bytes{3, 2}},
                                    {"AllowedMemoryNodes", dbus::Bytes{1}},
                                    {"CPUWeight", uint64_t{100}},
                                    {"CPUQuotaPerSecUSec", uint64_t{250000}},
                                    {"CPUQuotaPeriodUSec", uint64_t{200000}},
                                    {"MemoryLow", uint64_t{500}},
                                    {"MemorySwapMax", uint64_t{500}},
                                    {"MemoryMax", uint64_t{1000}},
                                    {"TasksMax", kInfinity}});
}

TEST_CASE("a quota is whole percents, never less than asked for") {
  CHECK(of_file("cpu.max", "12345 100000") ==
        Properties{{"CPUQuotaPerSecUSec", uint64_t{130000}}, {"CPUQuotaPeriodUSec", uint64_t{100000}}});
  CHECK(of_file("cpu.max", "50000") == Properties{{"CPUQuotaPerSecUSec", uint64_t{500000}}});
  CHECK(of_file("cpu.max", "max") == Properties{{"CPUQuotaPerSecUSec", kInfinity}});
  CHECK(of_file("cpu.max", "").empty());
  CHECK(of_file("cpu.max", "1 0").empty());
}

TEST_CASE("raw files have their properties too, and win over what the fields said") {
  spec::Resources resources;
  resources.memory.emplace().limit = 1000;
  resources.unified = {{"memory.max", "2000"}, {"memory.high", "max"}, {"memory.oom.group", "1"}};
  CHECK(of(resources) == Properties{{"MemoryMax", uint64_t{2000}}, {"MemoryHigh", kInfinity}});
  CHECK(of_file("cpu.idle", "1") == Properties{{"CPUWeight", uint64_t{0}}});
  CHECK(of_file("cpu.idle", "0").empty());
  CHECK(of_file("memory.max", "50%").empty());
  CHECK(of_file("cpuset.cpus", "99999999").empty());
  CHECK(of_file("cpuset.cpus", "3-1").empty());
}

TEST_CASE("disks: a list by device, a later value in the earlier one's place") {
  spec::Resources resources;
  spec::BlockIo& io = resources.block_io.emplace();
  io.weight = 10;
  io.weight_devices = {{8, 0, 1000, {}}};
  io.read_bps = {{8, 0, 100}, {8, 16, 200}, {8, 0, 300}};
  io.write_iops = {{8, 0, 0}};
  CHECK(of(resources) ==
        Properties{{"IOWeight", uint64_t{1}},
                   {"IODeviceWeight", dbus::StringNumbers{{"/dev/block/8:0", 10000}}},
                   {"IOReadBandwidthMax", dbus::StringNumbers{{"/dev/block/8:0", 300}, {"/dev/block/8:16", 200}}},
                   {"IOWriteIOPSMax", dbus::StringNumbers{{"/dev/block/8:0", kInfinity}}}});
}

std::string devices(const std::vector<spec::DeviceRule>& rules) {
  Properties properties = device_properties(rules, kDevices);
  std::string text = std::get<std::string>(properties.at(0).value);
  for (const auto& [name, access] : std::get<dbus::StringPairs>(properties.at(1).value)) {
    text += " " + name + "=" + access;
  }
  return text;
}

TEST_CASE("device rules: what can be said is said, and nothing is made narrower than asked for") {
  using spec::DeviceType;
  spec::DeviceRule deny_all{false, DeviceType::all, {}, {}, "rwm"};
  CHECK(devices({deny_all}) == "strict");
  CHECK(devices({deny_all, {true, DeviceType::character, 1, 3, "rw"}}) == "strict /dev/char/1:3=rw");
  CHECK(devices({deny_all, {true, DeviceType::character, 136, -1, ""}}) == "strict char-pts=rwm");
  CHECK(devices({deny_all, {true, DeviceType::all, 136, {}, "r"}}) == "strict char-pts=r block-other=r");
  CHECK(devices({deny_all, {true, DeviceType::block, {}, {}, "m"}}) == "strict block-*=m");
  // A denial after it is the program's alone.
  CHECK(devices({deny_all, {true, DeviceType::character, 1, {}, "r"}, {false, DeviceType::character, 1, 1, "r"}}) ==
        "strict char-mem=r");
  // What an allowance of everything makes of it, and a number that nobody has registered.
  CHECK(devices({{true, DeviceType::all, {}, {}, ""}, {false, DeviceType::block, 8, {}, ""}}) == "auto");
  CHECK(devices({deny_all, {true, DeviceType::character, 99, {}, "r"}}) == "auto");
  CHECK(devices({deny_all, {true, DeviceType::character, {}, 5, "r"}}) == "auto");
}

TEST_CASE("annotations: GVariant's text, and seconds as microseconds") {
  auto one = [](const char* name, const char* text) {
    Properties properties = annotated_properties({{std::string("org.systemd.property.") + name, text}, {"other", "x"}});
    REQUIRE(properties.size() == 1);
    return properties[0];
  };
  CHECK(one("CollectMode", "'inactive'") == dbus::Property{"CollectMode", std::string("inactive")});
  CHECK(one("A", "\"a\\\"b\"") == dbus::Property{"A", std::string("a\"b")});
  CHECK(one("A", "true") == dbus::Property{"A", true});
  CHECK(one("A", "5") == dbus::Property{"A", int32_t{5}});
  CHECK(one("A", "-5") == dbus::Property{"A", int32_t{-5}});
  CHECK(one("A", "uint64 5") == dbus::Property{"A", uint64_t{5}});
  CHECK(one("After", "['a', 'b']") == dbus::Property{"After", dbus::Strings{"a", "b"}});
  CHECK(one("After", "[]") == dbus::Property{"After", dbus::Strings{}});
  CHECK(one("TimeoutStopUSec", "uint64 5") == dbus::Property{"TimeoutStopUSec", uint64_t{5}});
  CHECK(one("TimeoutStopSec", "uint64 5") == dbus::Property{"TimeoutStopUSec", uint64_t{5000000}});
  for (const char* bad : {"", "x", "'a", "5 6", "['a'", "['a' 'b']", "[5]", "uint64 -1", "uint64", "true false"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(one("A", bad), Error);
  }
  CHECK_THROWS_AS(one("TimeoutStopSec", "'x'"), Error);
  CHECK_THROWS_AS(one("TimeoutStopSec", "-1"), Error);
  CHECK_THROWS_AS(one("", "1"), Error);
  CHECK_THROWS_AS(one("A.B", "1"), Error);
}

}  // namespace
}  // namespace crun::cgroup
