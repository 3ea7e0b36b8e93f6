// The longer of validate()'s rules, one function each, and how they refuse.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libcrun/spec/spec.h"

namespace crun::spec {

// Throw Error "<field>: <text>".
[[noreturn]] void invalid(std::string_view field, std::string_view text);
[[noreturn]] void unsupported(std::string_view field, std::string_view text = "is not supported");

// By type, or by the options bind and rbind (config.md "Mounts").
bool is_bind(const Mount& mount);

// A path with its empty components and "." left out and ".." applied, as text: "/a//b/../c/" -> "/a/c". Relative paths
// are below "/", as config.md "Mounts" says of destinations.
std::string lexically_normal(std::string_view path);

// /proc and /sys must be what their names say, or masked paths, sysctls and labels would be written to something that
// an image or a volume made. Below /proc only the files that are safe to cover may be mounted on.
void check_proc_destination(const std::string& field, const Mount& mount);

// config-linux.md "Cgroups Path".
void check_cgroups_path(std::string_view path);

// config-linux.md "Sysctl": only what belongs to a namespace of the container's own.
void check_sysctl(const Linux& linux, const std::string& name, const std::string& value);

// The namespace that a sysctl belongs to, by either way of writing its name; nothing where it is the machine's.
std::optional<NamespaceType> sysctl_namespace(std::string_view name);

// The file of a sysctl below /proc/sys, from either way of writing its name: "net.ipv4.conf.eth0/1.forwarding" and
// "net/ipv4/conf/eth0.1/forwarding" -> "net/ipv4/conf/eth0.1/forwarding".
std::string sysctl_path(std::string_view name);

// config-linux.md "Seccomp".
void check_seccomp(const Seccomp& profile);

}  // namespace crun::spec
