#pragma once

#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstring>
#include <vector>

namespace crun::security {

// Runs a filter as the kernel does (classic BPF over seccomp_data).
inline uint32_t run_filter(const std::vector<sock_filter>& program, const seccomp_data& data) {
  uint32_t accumulator = 0;
  uint32_t memory[BPF_MEMWORDS] = {};
  for (size_t pc = 0; pc < program.size(); ++pc) {
    const sock_filter& code = program[pc];
    bool jump = false;
    switch (code.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        REQUIRE(code.k + 4 <= sizeof data);
        std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + code.k, 4);
        continue;
      case BPF_ALU | BPF_AND | BPF_K: accumulator &= code.k; continue;
      case BPF_ST: memory[code.k] = accumulator; continue;
      case BPF_LD | BPF_MEM: accumulator = memory[code.k]; continue;
      case BPF_JMP | BPF_JA: pc += code.k; continue;
      case BPF_JMP | BPF_JEQ | BPF_K: jump = accumulator == code.k; break;
      case BPF_JMP | BPF_JGT | BPF_K: jump = accumulator > code.k; break;
      case BPF_JMP | BPF_JGE | BPF_K: jump = accumulator >= code.k; break;
      case BPF_JMP | BPF_JSET | BPF_K: jump = (accumulator & code.k) != 0; break;
      case BPF_RET | BPF_K: return code.k;
      default: FAIL("an instruction that the interpreter does not know: " << code.code);
    }
    pc += jump ? code.jt : code.jf;
  }
  FAIL("the filter falls off its end");
  return 0;
}

}  // namespace crun::security
