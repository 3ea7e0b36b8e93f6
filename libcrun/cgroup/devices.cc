#include "libcrun/cgroup/devices.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "crun/error.h"
#include "crun/fd.h"
#include "libcrun/syscall/bpf.h"

namespace crun::cgroup {
namespace {

constexpr uint32_t kAllAccess = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;

// Registers: r1 is the context that the kernel hands in, r0 the answer. kDevice holds type, major and minor in one.
enum Register : uint8_t { kAnswer = 0, kContext = 1, kDevice = 2, kWanted = 3, kScratch = 4, kConstant = 5 };

bpf_insn instruction(int code, Register target, int offset, int value, Register source = kAnswer) {
  bpf_insn result{};
  result.code = static_cast<uint8_t>(code);
  result.dst_reg = target & 0xf;
  result.src_reg = source & 0xf;
  result.off = static_cast<int16_t>(offset);
  result.imm = value;
  return result;
}

bpf_insn load(Register target, size_t context_offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, target, static_cast<int>(context_offset), 0, kContext);
}

bpf_insn arithmetic(int operation, Register target, Register source) {
  return instruction(BPF_ALU64 | operation | BPF_X, target, 0, 0, source);
}

bpf_insn arithmetic(int operation, Register target, int value) {
  return instruction(BPF_ALU64 | operation | BPF_K, target, 0, value);
}

void add_constant(std::vector<bpf_insn>& code, Register target, uint64_t value) {
  // BPF_LD and BPF_IMM are both 0.
  // NOLINTNEXTLINE(misc-redundant-expression)
  code.push_back(instruction(BPF_LD | BPF_DW | BPF_IMM, target, 0, static_cast<int>(value & 0xffffffff)));
  code.push_back(instruction(0, kAnswer, 0, static_cast<int>(value >> 32)));
}

// A device as one number: the kernel's majors have 12 bits, its minors 20.
constexpr int kTypeShift = 56;
constexpr int kMajorShift = 32;

// One comparison a rule, and none whose outcome an earlier one has settled: the verifier's time grows with the paths
// that it cannot tell to be alike, and three comparisons a rule made loading ten times as long.
std::vector<bpf_insn> prologue() {
  return {
      load(kDevice, offsetof(bpf_cgroup_dev_ctx, access_type)),  // the type below, the wanted access above
      arithmetic(BPF_MOV, kWanted, kDevice),
      arithmetic(BPF_RSH, kWanted, 16),
      arithmetic(BPF_LSH, kDevice, kTypeShift),  // drops the access
      load(kScratch, offsetof(bpf_cgroup_dev_ctx, major)),
      arithmetic(BPF_LSH, kScratch, kMajorShift),
      arithmetic(BPF_OR, kDevice, kScratch),
      load(kScratch, offsetof(bpf_cgroup_dev_ctx, minor)),
      arithmetic(BPF_OR, kDevice, kScratch),
  };
}

uint32_t access_bits(const std::string& access) {
  if (access.empty()) return kAllAccess;
  uint32_t bits = 0;
  for (char letter : access) {
    if (letter == 'r') bits |= BPF_DEVCG_ACC_READ;
    if (letter == 'w') bits |= BPF_DEVCG_ACC_WRITE;
    if (letter == 'm') bits |= BPF_DEVCG_ACC_MKNOD;
  }
  return bits;
}

bool names_device(const spec::DeviceRule& rule) {
  return rule.type != spec::DeviceType::all || rule.major.value_or(-1) >= 0 || rule.minor.value_or(-1) >= 0;
}

bool speaks_of_everything(const spec::DeviceRule& rule) {
  return !names_device(rule) && access_bits(rule.access) == kAllAccess;
}

void add_answer(std::vector<bpf_insn>& block, bool allow) {
  block.push_back(arithmetic(BPF_MOV, kAnswer, allow ? 1 : 0));
  block.push_back(instruction(BPF_JMP | BPF_EXIT, kAnswer, 0, 0));
}

// Jumps to `next`, for now offset -1, unless the device is one that the rule names.
void add_device_test(std::vector<bpf_insn>& block, const spec::DeviceRule& rule) {
  uint64_t mask = 0;
  uint64_t value = 0;
  auto part = [&](uint64_t bits, int shift, int64_t number) {
    mask |= bits << shift;
    value |= static_cast<uint64_t>(number) << shift;
  };
  if (rule.type == spec::DeviceType::block) part(0xff, kTypeShift, BPF_DEVCG_DEV_BLOCK);
  if (rule.type == spec::DeviceType::character) part(0xff, kTypeShift, BPF_DEVCG_DEV_CHAR);
  if (rule.major.value_or(-1) >= 0) part(0xffffff, kMajorShift, *rule.major);
  if (rule.minor.value_or(-1) >= 0) part(0xffffffff, 0, *rule.minor);
  if (mask == 0) return;
  Register compared = kDevice;
  if (mask != ~uint64_t{0}) {
    compared = kScratch;
    add_constant(block, kScratch, mask);
    block.push_back(arithmetic(BPF_AND, kScratch, kDevice));
  }
  add_constant(block, kConstant, value);
  block.push_back(instruction(BPF_JMP | BPF_JNE | BPF_X, compared, -1, 0, kConstant));
}

// One rule.
std::vector<bpf_insn> rule_block(const spec::DeviceRule& rule) {
  std::vector<bpf_insn> block;
  add_device_test(block, rule);
  uint32_t access = access_bits(rule.access);
  if (access != kAllAccess && rule.allow) {
    // What is allowed here is no longer wanted of the rules before; granted when nothing is left.
    block.push_back(arithmetic(BPF_AND, kWanted, static_cast<int>(~access & kAllAccess)));
    block.push_back(instruction(BPF_JMP | BPF_JNE | BPF_K, kWanted, -1, 0));
  } else if (access != kAllAccess) {
    block.push_back(arithmetic(BPF_MOV, kScratch, kWanted));
    block.push_back(arithmetic(BPF_AND, kScratch, static_cast<int>(access)));
    block.push_back(instruction(BPF_JMP | BPF_JEQ | BPF_K, kScratch, -1, 0));
  }
  add_answer(block, rule.allow);
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i].off == -1) block[i].off = static_cast<int16_t>(block.size() - i - 1);
  }
  return block;
}

// Ours among those that are attached: systemd attaches its own beside it.
constexpr std::string_view kProgramName = "ctr_devices";

Fd program_by_id(uint32_t id) {
  bpf_attr get{};
  get.prog_id = id;
  int fd = syscall::bpf(BPF_PROG_GET_FD_BY_ID, &get, sizeof get);
  return fd < 0 ? Fd() : Fd(fd);
}

bool is_ours(int program) {
  bpf_prog_info info{};
  bpf_attr query{};
  query.info.bpf_fd = static_cast<uint32_t>(program);
  query.info.info_len = sizeof info;
  query.info.info = reinterpret_cast<uint64_t>(&info);
  return syscall::bpf(BPF_OBJ_GET_INFO_BY_FD, &query, sizeof query) >= 0 && kProgramName == info.name;
}

// Empty where there is none of ours yet.
Fd attached_program(int cgroup_fd) {
  constexpr uint32_t kMost = 64;  // BPF_CGROUP_MAX_PROGS
  std::array<uint32_t, kMost> ids{};
  bpf_attr query{};
  query.query.target_fd = static_cast<uint32_t>(cgroup_fd);
  query.query.attach_type = BPF_CGROUP_DEVICE;
  query.query.prog_ids = reinterpret_cast<uint64_t>(ids.data());
  query.query.prog_cnt = kMost;
  if (syscall::bpf(BPF_PROG_QUERY, &query, sizeof query) < 0) return {};
  for (uint32_t i = 0; i < std::min(query.query.prog_cnt, kMost); ++i) {
    Fd program = program_by_id(ids[i]);
    if (program && is_ours(program.get())) return program;
  }
  return {};
}

Fd load_program(const std::vector<bpf_insn>& program) {
  static constexpr char kLicense[] = "Apache-2.0";
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<uint64_t>(program.data());
  load.insn_cnt = static_cast<uint32_t>(program.size());
  kProgramName.copy(load.prog_name, sizeof load.prog_name - 1);
  load.license = reinterpret_cast<uint64_t>(kLicense);
  int fd = syscall::bpf(BPF_PROG_LOAD, &load, sizeof load);
  if (fd < 0) throw SysError(-fd, "loading the device rules into the kernel");
  return Fd(fd);
}

}  // namespace

std::vector<spec::DeviceRule> with_default_devices(std::vector<spec::DeviceRule> rules) {
  using spec::DeviceType;
  auto add = [&](DeviceType type, std::optional<int64_t> major, std::optional<int64_t> minor, const char* access) {
    rules.push_back({true, type, major, minor, access});
  };
  add(DeviceType::character, {}, {}, "m");
  add(DeviceType::block, {}, {}, "m");
  for (int minor : {3, 5, 7, 8, 9}) add(DeviceType::character, 1, minor, "rwm");  // null zero full random urandom
  for (int minor : {0, 1, 2}) add(DeviceType::character, 5, minor, "rwm");        // tty console ptmx
  add(DeviceType::character, 136, {}, "rwm");                                     // pts/N
  return rules;
}

std::vector<bpf_insn> device_program(const std::vector<spec::DeviceRule>& rules) {
  std::vector<bpf_insn> program = prologue();
  bool denies = true;
  bool open_end = true;
  bool any_denial = false;
  for (auto rule = rules.rbegin(); rule != rules.rend() && open_end; ++rule) {
    std::vector<bpf_insn> block = rule_block(*rule);
    program.insert(program.end(), block.begin(), block.end());
    any_denial = any_denial || !rule->allow;
    // The kernel refuses instructions that cannot be reached.
    if (speaks_of_everything(*rule)) {
      open_end = false;
      denies = any_denial;
    }
  }
  if (!denies) return {};
  if (open_end) add_answer(program, false);
  return program;
}

void attach_device_program(int cgroup_fd, const std::vector<bpf_insn>& program) {
  Fd loaded = load_program(program);
  Fd old = attached_program(cgroup_fd);
  bpf_attr attach{};
  attach.target_fd = static_cast<uint32_t>(cgroup_fd);
  attach.attach_bpf_fd = static_cast<uint32_t>(loaded.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (old) {
    attach.attach_flags |= BPF_F_REPLACE;  // Linux 5.6
    attach.replace_bpf_fd = static_cast<uint32_t>(old.get());
  }
  int result = syscall::bpf(BPF_PROG_ATTACH, &attach, sizeof attach);
  if (result < 0) throw SysError(-result, "attaching the device rules to the cgroup");
}

}  // namespace crun::cgroup
