# checkpoint and restore by Debian's criu, under Debian's own kernel: criu knows neither the test kernel nor each newer one.
# shellcheck disable=SC2016,SC2154  # jq programs; the library's variables
load "$CTR_TEST_LIB"
load ../conformance/bundle

setup_file() {
  # What criu looks for in a kernel before it does anything; Debian's has it as modules.
  local module
  for module in crc32c_generic libcrc32c nf_tables nfnetlink unix_diag inet_diag tcp_diag udp_diag raw_diag \
    netlink_diag af_packet_diag tun ip_tables ip6_tables iptable_filter ip6table_filter nf_conntrack_netlink; do
    busybox modprobe "$module" 2>/dev/null || true
  done
  make_bundle
}
setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in a test kernel"
  command -v criu >/dev/null || skip "no criu"
  criu check >/dev/null 2>&1 || skip "criu does not know this kernel"
}
teardown() { remove_all; }
# podman's own mount of its storage upon itself.
teardown_file() { umount -l "$T/p/overlay" 2>/dev/null || true; }

# Counts in a file of the container; its output is a pipe that somebody reads.
counting() {
  echo hosts >"$T/hosts"
  script 'i=0; while :; do i=$((i + 1)); echo $i >/count; echo $i; sleep 0.2; done' \
    '.mounts += [{destination: "/etc/hosts", type: "bind", source: $hosts, options: ["bind", "ro"]}]' --arg hosts "$T/hosts"
  rm -f "$B/rootfs/count"
  runtime run -d -b "$B" "$1" </dev/null > >(exec cat >/dev/null 3>&-) 2>&1 3>&-
  eventually 60 test -s "$B/rootfs/count"
}
count() { cat "$B/rootfs/count"; }
counts_beyond() { [ "$(count)" -gt "$1" ]; }

@test "criu: what is written down goes on where it was, in its cgroup and namespaces, with its mounts and our pipes" {
  counting "$(id)"
  eventually 60 counts_beyond 5
  runtime checkpoint --image-path "$T/images" "$(id)"
  local at
  at=$(count)
  fails_with 1 "does not exist" runtime state "$(id)"
  runtime restore -d -b "$B" --image-path "$T/images" "$(id r)" </dev/null > >(exec cat >"$T/out" 3>&-) 2>&1 3>&-
  eventually 60 counts_beyond "$((at + 5))"
  [ "$(head -n 1 "$T/out")" -ge "$at" ]
  [ "$(status_of "$(id r)")" = running ]
  [ "$(cat "/proc/$(pid_of "$(id r)")/cgroup")" = "0::/$(id r)" ]
  [ "$(runtime exec "$(id r)" sh -c 'hostname; cat /etc/hosts /proc/self/cgroup' | xargs)" = "box hosts 0::/" ]
  [ "$(grep -c criu-root /proc/self/mountinfo)" = 0 ]
}

@test "criu: --leave-running goes on at once" {
  counting "$(id)"
  runtime checkpoint --leave-running --image-path "$T/running" "$(id)"
  local at
  at=$(count)
  eventually 60 counts_beyond "$at"
  [ "$(status_of "$(id)")" = running ]
}

@test "criu: podman container checkpoint and restore" {
  command -v podman >/dev/null || skip "no podman"
  tar -C "$B/rootfs" -cf "$T/rootfs.tar" .
  pod import -q "$T/rootfs.tar" box:latest
  pod run -d --name one --network none box sh -c 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.3; done' >/dev/null 2>&1
  eventually 60 pod_counts_beyond 3
  pod container checkpoint one >/dev/null 2>&1
  [ "$(pod inspect -f '{{.State.Status}} {{.State.Checkpointed}}' one)" = "exited true" ]
  local at
  at=$(pod logs one 2>/dev/null | tail -n 1)
  pod container restore one >/dev/null 2>&1
  eventually 60 pod_counts_beyond "$at"
  # It goes on where it was, and does not begin anew.
  [ "$(pod logs one 2>/dev/null | grep -cx 1)" = 1 ]
  pod rm -f -t 0 one >/dev/null 2>&1
  rmdir /sys/fs/cgroup/libpod_parent/* /sys/fs/cgroup/libpod_parent 2>/dev/null || true
}
pod() {
  podman --runtime "$RUNTIME" --root "$T/p" --runroot "$T/q" --tmpdir "$T/s" --cgroup-manager cgroupfs --events-backend file \
    "$@" </dev/null 3>&-
}
pod_counts_beyond() { [ "$(pod logs one 2>/dev/null | tail -n 1)" -gt "$1" ]; }
