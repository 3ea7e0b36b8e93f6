#include "libcrun/cgroup/devices.h"

#include <doctest/doctest.h>

#include <cstring>

namespace crun::cgroup {
namespace {

using spec::DeviceRule;
using spec::DeviceType;

constexpr uint32_t kRead = BPF_DEVCG_ACC_READ;
constexpr uint32_t kWrite = BPF_DEVCG_ACC_WRITE;
constexpr uint32_t kMknod = BPF_DEVCG_ACC_MKNOD;
constexpr uint32_t kBlock = BPF_DEVCG_DEV_BLOCK;
constexpr uint32_t kChar = BPF_DEVCG_DEV_CHAR;

// Runs the program as the kernel would, for the instructions that it may hold, and checks what the verifier does:
// jumps forward and inside, no fall off the end. Gives what it leaves in r0.
uint32_t interpret(const std::vector<bpf_insn>& program, uint32_t type, uint32_t access, uint32_t major,
                   uint32_t minor) {
  bpf_cgroup_dev_ctx context{access << 16 | type, major, minor};
  uint64_t registers[11] = {};
  for (size_t pc = 0; pc < program.size(); ++pc) {
    const bpf_insn& insn = program[pc];
    uint64_t& target = registers[insn.dst_reg];
    uint64_t source = registers[insn.src_reg];
    uint64_t immediate = static_cast<uint64_t>(static_cast<int64_t>(insn.imm));
    bool jump = false;
    switch (insn.code) {
      case BPF_LDX | BPF_MEM | BPF_W: {
        REQUIRE(insn.src_reg == 1);
        uint32_t word = 0;
        std::memcpy(&word, reinterpret_cast<const char*>(&context) + insn.off, sizeof word);
        target = word;
        continue;
      }
      case BPF_LD | BPF_DW | BPF_IMM:
        target = static_cast<uint32_t>(insn.imm) | static_cast<uint64_t>(program[++pc].imm) << 32;
        continue;
      case BPF_ALU64 | BPF_MOV | BPF_K: target = immediate; continue;
      case BPF_ALU64 | BPF_MOV | BPF_X: target = source; continue;
      case BPF_ALU64 | BPF_AND | BPF_K: target &= immediate; continue;
      case BPF_ALU64 | BPF_AND | BPF_X: target &= source; continue;
      case BPF_ALU64 | BPF_OR | BPF_X: target |= source; continue;
      case BPF_ALU64 | BPF_RSH | BPF_K: target >>= insn.imm; continue;
      case BPF_ALU64 | BPF_LSH | BPF_K: target <<= insn.imm; continue;
      case BPF_JMP | BPF_JNE | BPF_X: jump = target != source; break;
      case BPF_JMP | BPF_JNE | BPF_K: jump = target != immediate; break;
      case BPF_JMP | BPF_JEQ | BPF_K: jump = target == immediate; break;
      case BPF_JMP | BPF_EXIT: return static_cast<uint32_t>(registers[0]);
      default: FAIL("an instruction that the interpreter does not know: " << int(insn.code));
    }
    REQUIRE(insn.off >= 0);
    if (jump) pc += static_cast<size_t>(insn.off);
  }
  FAIL("the program falls off its end");
  return 0;
}

// What check_cfg() of the kernel refuses: an instruction that no path reaches.
bool all_reachable(const std::vector<bpf_insn>& program) {
  std::vector<bool> reached(program.size() + 1, false);
  reached[0] = true;
  for (size_t pc = 0; pc < program.size(); ++pc) {
    if (!reached[pc]) return false;
    if (program[pc].code == (BPF_LD | BPF_DW | BPF_IMM)) reached[++pc] = true;  // its second half
    bool exits = program[pc].code == (BPF_JMP | BPF_EXIT);
    bool jumps = program[pc].code != 0 && (program[pc].code & 0x07) == BPF_JMP && !exits;
    if (!exits) reached[pc + 1] = true;
    if (jumps) reached[pc + 1 + static_cast<size_t>(program[pc].off)] = true;
  }
  return !reached[program.size()];
}

// The rule book read plainly: for each kind of access the last rule that speaks of it decides.
bool expected(const std::vector<DeviceRule>& rules, uint32_t type, uint32_t access, int64_t major, int64_t minor) {
  for (const auto& [bit, letter] : {std::pair(kRead, 'r'), std::pair(kWrite, 'w'), std::pair(kMknod, 'm')}) {
    if ((access & bit) == 0) continue;
    bool allowed = false;
    for (const DeviceRule& rule : rules) {
      bool type_fits = rule.type == DeviceType::all || (rule.type == DeviceType::block) == (type == kBlock);
      bool major_fits = rule.major.value_or(-1) < 0 || rule.major == major;
      bool minor_fits = rule.minor.value_or(-1) < 0 || rule.minor == minor;
      bool access_fits = rule.access.empty() || rule.access.find(letter) != std::string::npos;
      if (type_fits && major_fits && minor_fits && access_fits) allowed = rule.allow;
    }
    if (!allowed) return false;
  }
  return true;
}

void check_against_rules(const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> program = device_program(rules);
  if (!program.empty()) CHECK(all_reachable(program));
  for (uint32_t type : {kBlock, kChar}) {
    for (uint32_t access = 1; access <= 7; ++access) {
      for (uint32_t major : {0U, 1U, 5U, 8U, 136U, 4095U}) {
        for (uint32_t minor : {0U, 1U, 2U, 3U, 255U, 1048575U}) {
          CAPTURE(type);
          CAPTURE(access);
          CAPTURE(major);
          CAPTURE(minor);
          bool allowed = program.empty() || interpret(program, type, access, major, minor) == 1;
          CHECK(allowed == expected(rules, type, access, major, minor));
        }
      }
    }
  }
}

TEST_CASE("no rule: everything is denied") {
  CHECK(interpret(device_program({}), kChar, kRead, 1, 3) == 0);
  check_against_rules({});
}

TEST_CASE("a privileged container needs no program") {
  CHECK(device_program({{true, DeviceType::all, {}, {}, "rwm"}}).empty());
  CHECK(device_program({{true, DeviceType::all, {}, {}, ""}}).empty());
  CHECK(device_program(with_default_devices({{true, DeviceType::all, {}, {}, "rwm"}})).empty());
}

TEST_CASE("rules against the rule book") {
  check_against_rules({{false, DeviceType::all, {}, {}, "rwm"}});
  check_against_rules(with_default_devices({}));
  check_against_rules(with_default_devices({{false, DeviceType::all, {}, {}, "rwm"}}));
  check_against_rules({{false, DeviceType::all, {}, {}, "rwm"}, {true, DeviceType::block, 8, {}, "rw"}});
  check_against_rules({{true, DeviceType::all, {}, {}, "rwm"}, {false, DeviceType::block, 8, 1, "w"}});
  check_against_rules({{true, DeviceType::character, 1, 3, "r"}, {true, DeviceType::character, 1, 3, "w"}});
  check_against_rules({{true, DeviceType::character, 1, {}, "rwm"},
                       {false, DeviceType::all, {}, 3, "m"},
                       {true, DeviceType::all, -1, -1, "r"}});
  check_against_rules({{true, DeviceType::all, {}, {}, "r"}, {true, DeviceType::all, {}, {}, "wm"}});
  check_against_rules({{false, DeviceType::block, 8, 0, "rwm"}, {true, DeviceType::all, {}, {}, "rwm"}});
}

TEST_CASE("what every container has") {
  std::vector<bpf_insn> program = device_program(with_default_devices({{false, DeviceType::all, {}, {}, "rwm"}}));
  CHECK(interpret(program, kChar, kRead | kWrite, 1, 3) == 1);    // /dev/null
  CHECK(interpret(program, kChar, kRead | kWrite, 136, 7) == 1);  // /dev/pts/7
  CHECK(interpret(program, kBlock, kMknod, 8, 0) == 1);
  CHECK(interpret(program, kBlock, kRead, 8, 0) == 0);
  CHECK(interpret(program, kBlock, kRead | kMknod, 8, 0) == 0);
  CHECK(interpret(program, kChar, kRead, 1, 1) == 0);     // /dev/mem
  CHECK(interpret(program, kChar, kRead, 10, 200) == 0);  // /dev/net/tun
}

}  // namespace
}  // namespace crun::cgroup
