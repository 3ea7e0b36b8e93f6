// The letters of a tar record; what they mean stands in record.h.
#pragma once

#include <string_view>

namespace crun::layer {

inline constexpr std::string_view kRecordMagic = "ctr tar record 1\n";
inline constexpr char kLiteral = 'L';
inline constexpr char kFile = 'F';
inline constexpr char kContinued = 'C';
inline constexpr char kReplaced = 'S';
inline constexpr char kEnd = 'E';

}  // namespace crun::layer
