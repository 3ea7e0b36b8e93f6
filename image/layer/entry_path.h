// Names of an archive's entries, before they come near a system call.
#pragma once

#include <string>
#include <string_view>

#include "crun/error.h"
#include "image/layer/unpack.h"

namespace crun::layer {

// What is wrong with an entry; whoever reads the archive adds its name and place.
Error refused(const std::string& reason);

// "./usr//bin/" becomes "usr/bin", the archive's top becomes "". Throws Error{invalid} that gives the reason alone:
// absolute, a `..`, too deep or too long.
std::string checked_path(std::string_view raw, const UnpackLimits& limits);

// "a/b/c" -> "a/b" and "c"; "c" -> "" and "c".
std::string_view folder_of(std::string_view path);
std::string_view name_of(std::string_view path);

inline constexpr std::string_view kWhiteoutPrefix = ".wh.";
inline constexpr std::string_view kOpaqueName = ".wh..wh..opq";
inline constexpr std::string_view kWhiteoutMetaPrefix = ".wh..wh.";  // aufs' own: hard link store and the like
inline constexpr std::string_view kOpaqueXattr = "user.overlay.opaque";

}  // namespace crun::layer
