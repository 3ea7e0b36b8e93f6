// What docker's run and create take beside what these commands take here, each with the reason why not.
#pragma once

#include "cli/command/grammar.h"

namespace crun::cli {
namespace refusal {

inline constexpr std::string_view kDns = "name servers of a container's own are not supported";
inline constexpr std::string_view kHealth = "health checks are not run";
inline constexpr std::string_view kBlockIo = "bounds on block devices are not supported";
inline constexpr std::string_view kCpuSets = "cpu shares, sets and quotas other than --cpus are not supported";
inline constexpr std::string_view kBridge = "networks other than none and host are not supported";
inline constexpr std::string_view kNamespaces = "sharing or choosing namespaces is not supported";
inline constexpr std::string_view kDevices = "devices of the host are not supported";
inline constexpr std::string_view kVolumes = "volumes are not supported";
inline constexpr std::string_view kPull =
    "images are not pulled: get them by ctr load, import or build; this is not supported";

}  // namespace refusal

inline constexpr RefusedOption kRefusedContainerOptions[] = {
    {"add-host", 0, "further entries of /etc/hosts are not supported"},
    {"annotation", 0, "annotations are not supported"},
    {"attach", 'a', "choosing the streams to attach to is not supported"},
    {"blkio-weight", 0, refusal::kBlockIo},
    {"blkio-weight-device", 0, refusal::kBlockIo},
    {"cgroup-parent", 0, "a parent cgroup is not supported"},
    {"cgroupns", 0, refusal::kNamespaces},
    {"cidfile", 0, "a file for the id is not supported"},
    {"cpu-period", 0, refusal::kCpuSets},
    {"cpu-quota", 0, refusal::kCpuSets},
    {"cpu-rt-period", 0, refusal::kCpuSets},
    {"cpu-rt-runtime", 0, refusal::kCpuSets},
    {"cpu-shares", 'c', refusal::kCpuSets},
    {"cpuset-cpus", 0, refusal::kCpuSets},
    {"cpuset-mems", 0, refusal::kCpuSets},
    {"device", 0, refusal::kDevices},
    {"device-cgroup-rule", 0, refusal::kDevices},
    {"device-read-bps", 0, refusal::kBlockIo},
    {"device-read-iops", 0, refusal::kBlockIo},
    {"device-write-bps", 0, refusal::kBlockIo},
    {"device-write-iops", 0, refusal::kBlockIo},
    {"disable-content-trust", 0, "content trust is not supported"},
    {"dns", 0, refusal::kDns},
    {"dns-opt", 0, refusal::kDns},
    {"dns-option", 0, refusal::kDns},
    {"dns-search", 0, refusal::kDns},
    {"domainname", 0, "a NIS domain name is not supported"},
    {"expose", 0, refusal::kBridge},
    {"gpus", 0, "GPUs are not supported"},
    {"group-add", 0, "further groups are not supported"},
    {"health-cmd", 0, refusal::kHealth},
    {"health-interval", 0, refusal::kHealth},
    {"health-retries", 0, refusal::kHealth},
    {"health-start-interval", 0, refusal::kHealth},
    {"health-start-period", 0, refusal::kHealth},
    {"health-timeout", 0, refusal::kHealth},
    {"ip", 0, refusal::kBridge},
    {"ip6", 0, refusal::kBridge},
    {"ipc", 0, refusal::kNamespaces},
    {"isolation", 0, "it is for Windows and not supported"},
    {"label-file", 0, "files of labels are not supported"},
    {"link", 0, refusal::kBridge},
    {"link-local-ip", 0, refusal::kBridge},
    {"mac-address", 0, refusal::kBridge},
    {"memory-reservation", 0, "a soft bound on memory is not supported"},
    {"memory-swappiness", 0, "cgroup v2 has no swappiness; it is not supported"},
    {"net-alias", 0, refusal::kBridge},
    {"network-alias", 0, refusal::kBridge},
    {"no-healthcheck", 0, refusal::kHealth},
    {"oom-kill-disable", 0, "cgroup v2 cannot switch the OOM killer off; it is not supported"},
    {"oom-score-adj", 0, "an OOM score is not supported"},
    {"pid", 0, refusal::kNamespaces},
    {"platform", 0, "images of other platforms are not supported"},
    {"publish", 'p', "published ports are not supported"},
    {"publish-all", 'P', "published ports are not supported"},
    {"pull", 0, refusal::kPull},
    {"quiet", 'q', refusal::kPull},
    {"restart", 0, "restart policies are not supported"},
    {"runtime", 0, "other runtimes are not supported"},
    {"shm-size", 0, "the size of /dev/shm cannot be set; use --tmpfs /dev/shm:size=…; the option is not supported"},
    {"storage-opt", 0, "options of the storage are not supported"},
    {"sysctl", 0, "sysctls are not supported"},
    {"ulimit", 0, "resource limits of processes are not supported"},
    {"use-api-socket", 0, "there is no daemon, so it is not supported"},
    {"userns", 0, refusal::kNamespaces},
    {"uts", 0, refusal::kNamespaces},
    {"volume-driver", 0, refusal::kVolumes},
    {"volumes-from", 0, refusal::kVolumes},
};

}  // namespace crun::cli
