// Which devices a container may open and make: a program of the kernel's BPF machine that runs at each such call
// (BPF_PROG_TYPE_CGROUP_DEVICE, Linux 4.15; cgroup v2 has no file for it).
// Source: config-linux.md "Allowed Device list", bpf(2), <linux/bpf.h>.
#pragma once

#include <linux/bpf.h>

#include <vector>

#include "libcrun/spec/spec.h"

namespace crun::cgroup {

// The rules and, after them, what every container has: making any node (opening it is another matter), and the devices
// of config-linux.md "Default Devices". What no rule names is denied.
std::vector<spec::DeviceRule> with_default_devices(std::vector<spec::DeviceRule> rules);

// For each kind of access (read, write, mknod) the last rule that speaks of it and of the device decides.
// Empty where everything is allowed: then no program is needed.
std::vector<bpf_insn> device_program(const std::vector<spec::DeviceRule>& rules);

// Loads the program and attaches it to the cgroup; those above keep their say (BPF_F_ALLOW_MULTI). An own program
// that is there already is replaced. It goes with the cgroup. Throws SysError.
void attach_device_program(int cgroup_fd, const std::vector<bpf_insn>& program);

}  // namespace crun::cgroup
