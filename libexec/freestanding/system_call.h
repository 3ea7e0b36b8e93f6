// System calls without a libc: for the programs that must be a few KB and start in 90 us (the stage, ctr-monitor,
// ctr-init). Only the calls that both x86_64 and aarch64 have are to be used (openat, ppoll, …), so that one source
// serves both.
#pragma once

#include <asm/unistd.h>

namespace crun::freestanding {

// Gives what the kernel gives: -errno on failure. There is no errno variable.
#if defined(__x86_64__)
inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept {
  long result = 0;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) noexcept {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#else
#error "no system call convention for this architecture"
#endif

// Arguments of any integer or pointer type.
template <typename... Args>
inline long call(long number, Args... args) noexcept {
  return system_call(number, (long)(args)...);
}

[[noreturn]] inline void exit_now(int code) noexcept {
  for (;;) call(__NR_exit_group, code);
}

}  // namespace crun::freestanding
