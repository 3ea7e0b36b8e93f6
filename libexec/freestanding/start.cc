// Where the kernel enters the program: hands the initial stack (argc, argv, envp, auxv) to program_main.
#include "libexec/freestanding/start.h"

#if defined(__x86_64__)
asm(".globl _start\n"
    ".type _start,@function\n"
    "_start:\n"
    "  xor %ebp,%ebp\n"
    "  mov %rsp,%rdi\n"
    "  and $-16,%rsp\n"
    "  call program_main\n"
    "  ud2\n");
asm(".section .text.start_thread,\"ax\",@progbits\n"
    ".globl start_thread\n"
    ".type start_thread,@function\n"
    "start_thread:\n"
    "  sub $16,%rsi\n"
    "  mov %rdx,0(%rsi)\n"
    "  mov %rcx,8(%rsi)\n"
    "  mov $56,%eax\n"  // clone
    "  xor %edx,%edx\n"
    "  xor %r10d,%r10d\n"
    "  xor %r8d,%r8d\n"
    "  syscall\n"
    "  test %rax,%rax\n"
    "  jz 1f\n"
    "  ret\n"
    "1: xor %ebp,%ebp\n"
    "  pop %rax\n"
    "  pop %rdi\n"
    "  call *%rax\n"
    "  ud2\n"
    ".text\n");
#elif defined(__aarch64__)
asm(".globl _start\n"
    ".type _start,@function\n"
    "_start:\n"
    "  mov x29,#0\n"
    "  mov x30,#0\n"
    "  mov x0,sp\n"
    "  bl program_main\n"
    "  brk #1\n");
asm(".section .text.start_thread,\"ax\",@progbits\n"
    ".globl start_thread\n"
    ".type start_thread,@function\n"
    "start_thread:\n"
    "  stp x2,x3,[x1,#-16]!\n"
    "  mov x8,#220\n"  // clone
    "  mov x2,#0\n"
    "  mov x3,#0\n"
    "  mov x4,#0\n"
    "  svc 0\n"
    "  cbz x0,1f\n"
    "  ret\n"
    "1: mov x29,#0\n"
    "  ldp x1,x0,[sp],#16\n"
    "  blr x1\n"
    "  brk #1\n"
    ".text\n");
#endif

// The compiler calls these for struct copies and array clears, whatever -ffreestanding says (GCC manual, "Standards").
extern "C" {

void* memcpy(void* to, const void* from, unsigned long size) noexcept {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
#if defined(__x86_64__)
  asm volatile("rep movsb" : "+D"(out), "+S"(in), "+c"(size) : : "memory");
#else
  for (unsigned long i = 0; i < size; ++i) {
    out[i] = in[i];
    asm volatile("" ::: "memory");
  }
#endif
  return to;
}

void* memmove(void* to, const void* from, unsigned long size) noexcept {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (out <= in || out >= in + size) return memcpy(to, from, size);
  while (size > 0) {
    --size;
    out[size] = in[size];
    // Else the compiler sees a memmove and calls itself.
    asm volatile("" ::: "memory");
  }
  return to;
}

void* memset(void* to, int value, unsigned long size) noexcept {
  auto* out = static_cast<unsigned char*>(to);
#if defined(__x86_64__)
  asm volatile("rep stosb" : "+D"(out), "+c"(size) : "a"(value) : "memory");
#else
  for (unsigned long i = 0; i < size; ++i) {
    out[i] = static_cast<unsigned char>(value);
    asm volatile("" ::: "memory");
  }
#endif
  return to;
}

int memcmp(const void* left, const void* right, unsigned long size) noexcept {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (unsigned long i = 0; i < size; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

unsigned long strlen(const char* text) noexcept {
  unsigned long size = 0;
  while (text[size] != '\0') {
    ++size;
    asm volatile("" ::: "memory");
  }
  return size;
}

}  // extern "C"
