// Names that cannot be guessed or met twice: getrandom(2).
#pragma once

#include <cstddef>
#include <string>

namespace crun {

// `digits` lower-case hexadecimal digits. A container id is random_hex(64).
std::string random_hex(size_t digits);

}  // namespace crun
