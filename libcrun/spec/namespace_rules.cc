#include "libcrun/spec/namespace_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "libcrun/spec/rules.h"

namespace crun::spec {
namespace {

constexpr size_t kMostMappings = 340;  // user_namespaces(7), Linux 4.15
constexpr int64_t kNanosecondsPerSecond = 1000000000;

void check_mappings(const std::string& field, const std::vector<IdMapping>& mappings) {
  if (mappings.size() > kMostMappings) invalid(field, "has more than the kernel's 340 entries");
  for (size_t i = 0; i < mappings.size(); ++i) {
    const IdMapping& entry = mappings[i];
    std::string name = field + "[" + std::to_string(i) + "]";
    if (entry.size == 0) invalid(name + ".size", "is 0");
    uint64_t end = uint64_t{std::max(entry.container_id, entry.host_id)} + entry.size;
    if (end > UINT32_MAX) invalid(name, "goes beyond the largest id");
    for (size_t other = 0; other < i; ++other) {
      const IdMapping& before = mappings[other];
      bool inside = entry.container_id < uint64_t{before.container_id} + before.size &&
                    before.container_id < uint64_t{entry.container_id} + entry.size;
      bool outside = entry.host_id < uint64_t{before.host_id} + before.size &&
                     before.host_id < uint64_t{entry.host_id} + entry.size;
      if (inside || outside) invalid(name, "overlaps entry " + std::to_string(other));
    }
  }
}

void check_mapped(const std::string& field, const std::vector<IdMapping>& mappings, uint32_t id) {
  bool mapped = std::any_of(mappings.begin(), mappings.end(), [id](const IdMapping& entry) {
    return id >= entry.container_id && id - entry.container_id < entry.size;
  });
  if (!mapped) invalid(field, std::to_string(id) + " is an id that the user namespace does not map");
}

}  // namespace

void check_user_namespace(const Linux& linux) {
  const Namespace* user = linux.find_namespace(NamespaceType::user);
  check_mappings("linux.uidMappings", linux.uid_mappings);
  check_mappings("linux.gidMappings", linux.gid_mappings);
  if (user == nullptr) {
    if (!linux.uid_mappings.empty()) invalid("linux.uidMappings", "needs a user namespace in linux.namespaces");
    if (!linux.gid_mappings.empty()) invalid("linux.gidMappings", "needs a user namespace in linux.namespaces");
    return;
  }
  if (!user->path.empty()) return;
  if (linux.uid_mappings.empty()) invalid("linux.uidMappings", "is empty, and a user namespace is to be made");
  if (linux.gid_mappings.empty()) invalid("linux.gidMappings", "is empty, and a user namespace is to be made");
}

void check_time_offsets(const Linux& linux) {
  const Namespace* time = linux.find_namespace(NamespaceType::time);
  if (time == nullptr) invalid("linux.timeOffsets", "needs a time namespace in linux.namespaces");
  if (!time->path.empty()) invalid("linux.timeOffsets", "cannot be set in a time namespace that is joined");
  for (const auto& [name, offset] : {std::pair<const char*, const std::optional<TimeOffset>&>(
                                         "linux.timeOffsets.boottime", linux.time_offsets->boottime),
                                     {"linux.timeOffsets.monotonic", linux.time_offsets->monotonic}}) {
    if (offset && offset->nanoseconds >= kNanosecondsPerSecond) {
      invalid(std::string(name) + ".nanosecs", "must be below 1000000000");
    }
  }
}

void check_mapped_ids(const Spec& spec) {
  const Namespace* user = spec.linux.find_namespace(NamespaceType::user);
  if (user == nullptr || !user->path.empty() || !spec.process) return;
  const User& ids = spec.process->user;
  check_mapped("process.user.uid", spec.linux.uid_mappings, ids.uid);
  check_mapped("process.user.gid", spec.linux.gid_mappings, ids.gid);
  for (uint32_t gid : ids.additional_gids) check_mapped("process.user.additionalGids", spec.linux.gid_mappings, gid);
}

}  // namespace crun::spec
