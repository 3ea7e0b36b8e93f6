// A program without libc: defines _start, which calls the program_main that the program supplies. Static, not
// position-independent (nobody would apply relocations), no stack protector (its canary lives in libc's thread block),
// no static constructors (nobody would run them).
#pragma once

extern "C" {

// stack[0] is argc, then come argv, a null, the environment, a null. Does not return: ends by exit_now().
[[noreturn]] void program_main(long* stack) noexcept;

// Runs function(argument) beside the caller, in its memory, descriptors and thread group (clone(2)): for the few calls
// that another thread must make. stack_top: 16-aligned. The function ends by call(__NR_exit). Gives its thread id, or
// -errno.
long start_thread(unsigned long flags, void* stack_top, void (*function)(void*), void* argument) noexcept;

void* memcpy(void* to, const void* from, unsigned long size) noexcept;
void* memmove(void* to, const void* from, unsigned long size) noexcept;
void* memset(void* to, int value, unsigned long size) noexcept;
int memcmp(const void* left, const void* right, unsigned long size) noexcept;
unsigned long strlen(const char* text) noexcept;

}  // extern "C"
