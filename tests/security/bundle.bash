# Bundles for hostile roots and configs. Loaded after $CTR_TEST_LIB; runs on runc and crun too (RUNTIME=/path).
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2016  # bats' own variables; filters for jq

# new_bundle [NAME]: a bundle below $T with busybox and what an engine asks for by default. Sets B and R.
new_bundle() {
  B=$T/${1:-bundle}
  R=$B/rootfs
  rm -rf "$B"
  mkdir -p "$R"
  busybox_rootfs "$R"
  jq -n '{ociVersion: "1.0.2", root: {path: "rootfs"}, hostname: "box",
    process: {cwd: "/", args: ["true"], user: {uid: 0, gid: 0}, noNewPrivileges: false,
      env: ["PATH=/bin:/sbin:/usr/bin:/usr/sbin"],
      capabilities: (["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETPCAP", "CAP_MKNOD", "CAP_SYS_CHROOT", "CAP_SETFCAP"] |
        {bounding: ., permitted: ., effective: .})},
    mounts: [{destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"]},
      {destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"]},
      {destination: "/dev/pts", type: "devpts", source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
      {destination: "/dev/shm", type: "tmpfs", source: "shm", options: ["nosuid", "noexec", "nodev", "mode=1777"]},
      {destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]}],
    linux: {namespaces: ["pid", "network", "ipc", "uts", "mount", "cgroup"] | map({type: .}),
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]}}' >"$B/config.json"
}

# configure FILTER [jq's arguments]: changes the bundle's config.
configure() {
  local filter=$1
  shift
  jq "$@" "$filter" "$B/config.json" >"$B/config.new"
  mv "$B/config.new" "$B/config.json"
}

# in_shell SCRIPT: what the container shall run.
in_shell() { configure '.process.args = ["sh", "-c", $script]' --arg script "$1"; }

without_mount() { configure '.mounts |= map(select(.destination != $at))' --arg at "$1"; }

# run_bundle ID: runs it to its end; sets status and output.
run_bundle() { run timeout 60 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "$1"; }

# start_bundle ID: leaves it running in the background.
start_bundle() {
  runtime run --detach --bundle "$B" "$1" </dev/null >"$T/$1.log" 2>&1 3>&- || { cat "$T/$1.log"; return 1; }
}

# For teardown: ends all containers of this file.
end_containers() {
  local folder
  for folder in "$T"/runtime/*/; do
    [ ! -d "$folder" ] || runtime delete --force "$(basename "$folder")" >/dev/null 2>&1 || true
  done
}
