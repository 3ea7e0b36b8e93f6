#include "libcrun/cgroup/systemd_unit.h"

#include <algorithm>

#include "crun/error.h"

namespace crun::cgroup {
namespace {

constexpr std::string_view kSlice = ".slice";
constexpr std::string_view kScope = ".scope";
constexpr size_t kLongestName = 255;  // it is a folder's name, and systemd's own limit

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// unit names: "ASCII letters, digits, ':', '-', '_', '.', '\', and '@'" (systemd.unit(5)).
bool is_unit_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  });
}

[[noreturn]] void invalid_path(std::string_view path, const std::string& why) {
  throw Error(ErrorKind::invalid, "cgroup path '" + std::string(path) + "': " + why);
}

}  // namespace

UnitPlace unit_place(std::string_view cgroups_path, std::string_view id) {
  if (cgroups_path.empty()) return unit_place(":ctr:" + std::string(id), id);
  size_t first = cgroups_path.find(':');
  size_t second = first == std::string_view::npos ? first : cgroups_path.find(':', first + 1);
  if (second == std::string_view::npos || cgroups_path.find(':', second + 1) != std::string_view::npos) {
    invalid_path(cgroups_path, "systemd's driver wants slice:prefix:name, as in system.slice:ctr:" + std::string(id));
  }
  std::string_view prefix = cgroups_path.substr(first + 1, second - first - 1);
  std::string_view name = cgroups_path.substr(second + 1);
  if (name.empty()) invalid_path(cgroups_path, "its name is empty");
  if (ends_with(name, kSlice)) invalid_path(cgroups_path, "a slice holds no processes; name a scope");
  UnitPlace place{std::string(cgroups_path.substr(0, first)), ""};
  if (!place.slice.empty()) slice_folder(place.slice);
  if (!prefix.empty()) place.scope = std::string(prefix) + "-";
  place.scope += name;
  if (!ends_with(name, kScope)) place.scope += kScope;
  if (!is_unit_name(place.scope)) invalid_path(cgroups_path, "'" + place.scope + "' is not the name of a unit");
  return place;
}

std::string slice_folder(std::string_view slice) {
  if (slice == "-.slice") return "";
  std::string_view stem = ends_with(slice, kSlice) ? slice.substr(0, slice.size() - kSlice.size()) : "";
  if (!is_unit_name(slice) || stem.empty() || stem.front() == '-' || stem.back() == '-' ||
      stem.find("--") != std::string_view::npos) {
    throw Error(ErrorKind::invalid, "'" + std::string(slice) + "' is not the name of a slice, as in a-b.slice");
  }
  std::string folder;
  for (size_t end = stem.find('-'); end != std::string_view::npos; end = stem.find('-', end + 1)) {
    folder += "/" + std::string(stem.substr(0, end)) + std::string(kSlice);
  }
  return folder + "/" + std::string(slice);
}

}  // namespace crun::cgroup
