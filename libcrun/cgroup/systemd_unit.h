// What a container's cgroup is for systemd: names, and the properties that a unit's resources become.
// Source: systemd.resource-control(5), systemd.slice(5), org.freedesktop.systemd1(5).
#pragma once

#include <string>
#include <string_view>

#include "libcrun/cgroup/settings.h"
#include "libcrun/dbus/message.h"
#include "libcrun/spec/spec.h"

namespace crun::cgroup {

// linux.cgroupsPath in systemd's form, "slice:prefix:name".
struct UnitPlace {
  std::string slice;  // "machine.slice"; "" for the manager's default
  std::string scope;  // "prefix-name.scope"
};
// "" gives "ctr-<id>.scope" in the default slice. Throws Error{invalid}.
UnitPlace unit_place(std::string_view cgroups_path, std::string_view id);

// The folder of a slice: "a-b.slice" is "/a.slice/a-b.slice", "-.slice" is "". Throws Error{invalid}.
std::string slice_folder(std::string_view slice);

// The properties that say what the files of `settings` say, so that systemd writes the same where it writes the
// cgroup's files anew (daemon-reload, set-property). What systemd has no property for is left to the files alone.
dbus::Properties unit_properties(const Settings& settings);

// DevicePolicy and DeviceAllow for the rules (with_default_devices): systemd's list is no wider than what it can say,
// and where a rule cannot be said it is left out whole: the program of device_program() decides in any case.
// devices_file: the content of /proc/devices, which names majors.
dbus::Properties device_properties(const std::vector<spec::DeviceRule>& rules, std::string_view devices_file);

// Those that annotations name, "org.systemd.property.TimeoutStopUSec": "uint64 5000000"; values in GVariant's text form
// (texts, booleans, numbers and arrays of texts). …Sec becomes …USec, in microseconds. Throws Error{invalid}.
dbus::Properties annotated_properties(const spec::StringMap& annotations);

}  // namespace crun::cgroup
