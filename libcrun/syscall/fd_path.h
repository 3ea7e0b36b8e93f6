// Numbers as text between clone3 and execve, where no libc may format them.
#pragma once

namespace crun::syscall {

// "N"; not negative.
struct Decimal {
  char text[12];
  explicit Decimal(int value) noexcept {
    char digits[12];
    int count = 0;
    do {
      digits[count++] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value > 0);
    int at = 0;
    while (count > 0) text[at++] = digits[--count];
    text[at] = '\0';
  }
};

// "/proc/self/fd/N", for the calls that know paths alone.
struct FdPath {
  char text[32];
  explicit FdPath(int fd) noexcept {
    char* out = text;
    for (const char* from = "/proc/self/fd/"; *from != '\0'; ++from) *out++ = *from;
    Decimal number(fd);
    for (const char* from = number.text; (*out++ = *from++) != '\0';) {
    }
  }
};

}  // namespace crun::syscall
