#include "base/random_id.h"

#include <sys/random.h>

#include <cerrno>
#include <vector>

#include "crun/error.h"

namespace crun {

std::string random_hex(size_t digits) {
  std::vector<unsigned char> bytes((digits + 1) / 2);
  size_t filled = 0;
  while (filled < bytes.size()) {
    ssize_t count = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (count < 0 && errno != EINTR) throw SysError(errno, "reading random bytes");
    if (count > 0) filled += static_cast<size_t>(count);
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  text.resize(digits);
  return text;
}

}  // namespace crun
