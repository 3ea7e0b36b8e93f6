# CVE-2019-16884, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642 (runc): /proc or /sys of the root is a symlink or a
# volume, so masks, read-only paths, sysctls and labels land elsewhere.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() { new_bundle; }
teardown() { end_containers; }

# The payload must not run; if it did, it says so.
refused() {
  in_shell 'echo RAN; mount'
  run_bundle "$1"
  echo "$output"
  [ "$status" != 0 ]
  [[ $output != *RAN* ]]
}

@test "CVE-2019-19921: /proc is a symlink in the image" {
  rmdir "$R/proc"
  mkdir -p "$R/tmp/p"
  ln -s /tmp/p "$R/proc"
  refused absolute
  ln -sfn tmp/p "$R/proc"
  refused relative
}

@test "CVE-2023-28642: /sys is a symlink in the image" {
  rmdir "$R/sys"
  mkdir -p "$R/tmp/s"
  ln -s /tmp/s "$R/sys"
  refused sys
}

@test "CVE-2019-16884: a volume on /proc" {
  mkdir -p "$T/fake/self/attr"
  configure '.mounts |= map(if .destination == "/proc" then {destination: "/proc", type: "bind", source: $source,
    options: ["bind"]} else . end)' --arg source "$T/fake"
  refused instead
}

@test "CVE-2019-16884: a volume over /proc after the procfs, by any name" {
  mkdir -p "$T/fake/self/attr"
  ln -s proc "$R/alias"
  for at in /proc /proc/ /tmp/../proc /alias; do
    cp "$B/config.json" "$B/config.kept"
    configure '.mounts += [{destination: $at, type: "bind", source: $source, options: ["bind"]}]' \
      --arg at "$at" --arg source "$T/fake"
    echo "at $at"
    refused over
    mv "$B/config.kept" "$B/config.json"
  done
}

@test "CVE-2019-19921: a tmpfs on a part of /proc, by any name" {
  ln -s /proc "$R/alias"
  for at in /proc/sys /proc/self/attr /alias/sys /alias/self/attr; do
    cp "$B/config.json" "$B/config.kept"
    configure '.mounts += [{destination: $at, type: "tmpfs", source: "tmpfs", options: []}]' --arg at "$at"
    echo "at $at"
    refused over
    mv "$B/config.kept" "$B/config.json"
  done
}

@test "CVE-2025-52881: a sysctl is set where it belongs, whatever the image holds" {
  configure '.linux.sysctl = {"net.ipv4.ping_group_range": "7 9"}'
  mkdir -p "$R/proc/sys/net/ipv4"
  echo untouched >"$R/proc/sys/net/ipv4/ping_group_range"
  in_shell 'cat /proc/sys/net/ipv4/ping_group_range'
  run_bundle sysctl
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *7*9* ]]
  [ "$(cat "$R/proc/sys/net/ipv4/ping_group_range")" = untouched ]
}

@test "a sysctl or a name through a joined namespace that is the machine's own" {
  local own=/proc/$$/ns
  configure '.linux.namespaces |= map(if .type == "network" then .path = $own + "/net" else . end) |
    .linux.sysctl = {"net.ipv4.ip_default_ttl": "77"}' --arg own "$own"
  refused network
  [ "$(cat /proc/sys/net/ipv4/ip_default_ttl)" != 77 ]
  new_bundle
  [ "$(runtime_name)" = ctr-runtime ] || skip "others rename the machine"
  local name
  name=$(hostname)
  configure '.linux.namespaces |= map(if .type == "uts" then .path = $own + "/uts" else . end)' --arg own "$own"
  refused uts
  [ "$(hostname)" = "$name" ]
}

@test "CVE-2025-52881: a sysctl of the machine is refused" {
  local name
  for name in kernel.core_pattern kernel/core_pattern net/../kernel/core_pattern vm.overcommit_memory; do
    configure '.linux.sysctl = {($name): "1"}' --arg name "$name"
    refused machine
  done
}
