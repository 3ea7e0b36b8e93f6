#include "crun/error.h"

#include <cctype>
#include <cstring>

namespace crun {

std::string errno_text(int errno_value) {
  const char* text = strerrordesc_np(errno_value);
  if (text == nullptr) return "errno " + std::to_string(errno_value);
  std::string lower(text);
  // "Is a directory" reads on after a colon; "RFS specific error" keeps its capitals.
  if (lower.size() > 1 && std::islower(static_cast<unsigned char>(lower[1])) != 0) {
    lower[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(lower[0])));
  }
  return lower;
}

SysError::SysError(int errno_value, std::string_view what)
    : Error(ErrorKind::system, std::string(what) + ": " + errno_text(errno_value)), errno_(errno_value) {}

}  // namespace crun
