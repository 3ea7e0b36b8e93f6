#include "libcrun/security/shorten_filter.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <random>

#include "tests/unit/libcrun/security/run_filter.h"

namespace crun::security {
namespace {

using Program = std::vector<sock_filter>;
using Random = std::mt19937;

uint32_t below(Random& random, uint32_t bound) { return static_cast<uint32_t>(random() % bound); }

Program exported(void* context) {
  int memory = memfd_create("filter", MFD_CLOEXEC);
  REQUIRE(seccomp_export_bpf(context, memory) == 0);
  Program program(BPF_MAXINSNS);
  ssize_t size = pread(memory, program.data(), program.size() * sizeof(sock_filter), 0);
  close(memory);
  program.resize(static_cast<size_t>(size) / sizeof(sock_filter));
  return program;
}

// Rules as profiles have them: most of the low numbers allowed, some by their arguments.
Program random_program(Random& random) {
  std::unique_ptr<void, void (*)(void*)> context(seccomp_init(SCMP_ACT_ERRNO(1)), seccomp_release);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 1 + below(random, 2));
  if (below(random, 2) != 0) seccomp_arch_add(context.get(), SCMP_ARCH_X86);
  if (below(random, 2) != 0) seccomp_arch_add(context.get(), SCMP_ARCH_X32);
  constexpr uint32_t kActions[] = {SCMP_ACT_ALLOW, SCMP_ACT_LOG, SCMP_ACT_ERRNO(38)};
  constexpr scmp_compare kCompares[] = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                                        SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  for (int number = 0; number < 330; ++number) {
    uint32_t kind = below(random, 30);
    if (kind < 4) continue;
    uint32_t action = kActions[below(random, 20) == 0 ? below(random, 3) : 0];
    bool by_argument = kind == 29;
    for (uint32_t rules = by_argument ? 1 + below(random, 2) : 0; rules > 0; --rules) {
      scmp_arg_cmp compare{below(random, 6), kCompares[below(random, 7)], below(random, 4), below(random, 4)};
      seccomp_rule_add_array(context.get(), action, number, 1, &compare);
    }
    if (!by_argument) seccomp_rule_add(context.get(), action, number, 0);
  }
  return exported(context.get());
}

std::vector<int> numbers() {
  std::vector<int> all = {-1, -2, 0x3fffffff, 0x7fffffff};
  for (int number = 0; number < 480; ++number) {
    all.push_back(number);
    all.push_back(0x40000000 | number);
  }
  return all;
}

void check_alike(const Program& before, const Program& after, Random& random) {
  for (uint32_t arch : std::initializer_list<uint32_t>{AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0, 1}) {
    for (int number : numbers()) {
      for (int round = 0; round < 4; ++round) {
        seccomp_data data{};
        data.nr = number;
        data.arch = arch;
        for (__u64& argument : data.args) argument = below(random, 5) | uint64_t{below(random, 4) == 0} << 33;
        uint32_t expected = run_filter(before, data);
        if (run_filter(after, data) == expected) continue;
        FAIL("number " << number << " of architecture " << arch << " was answered with " << expected);
      }
    }
  }
}

TEST_CASE("a filter that is shortened answers as before") {
  Random random(20261120);
  for (int round = 0; round < 12; ++round) {
    Program before = random_program(random);
    Program after = shorten_filter(before);
    CHECK(after.size() < before.size());
    check_alike(before, after, random);
  }
}

sock_filter load(uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter answer(uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }
sock_filter equal(uint32_t value, uint8_t if_true, uint8_t if_false) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, if_true, if_false);
}

bool same(const Program& left, const Program& right) {
  return left.size() == right.size() && memcmp(left.data(), right.data(), left.size() * sizeof(sock_filter)) == 0;
}

TEST_CASE("neighbours that are answered alike are one range") {
  Program program = {load(0)};
  for (uint32_t number = 10; number < 100; ++number) {
    program.push_back(equal(number, 0, 1));
    program.push_back(answer(SECCOMP_RET_ALLOW));
  }
  program.push_back(answer(SECCOMP_RET_ERRNO));
  Program after = shorten_filter(program);
  CHECK(after.size() <= 8);
  Random random(1);
  check_alike(program, after, random);
}

TEST_CASE("what cannot be taken apart stays as it is") {
  Program bits = {load(0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), answer(1), answer(2), answer(3), answer(4)};
  CHECK(same(shorten_filter(bits), bits));
  Program arithmetic = {load(0), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 7), equal(1, 0, 1), answer(1), answer(2)};
  CHECK(same(shorten_filter(arithmetic), arithmetic));
  Program order_of_architectures = {load(4), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 0, 1), answer(1), answer(2)};
  CHECK(same(shorten_filter(order_of_architectures), order_of_architectures));
  Program endless = {load(0), equal(1, 5, 9)};
  CHECK(same(shorten_filter(endless), endless));
  CHECK(shorten_filter({}).empty());
}

}  // namespace
}  // namespace crun::security
