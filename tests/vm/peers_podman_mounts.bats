# Debian's podman on ctr-runtime: what it makes of its mount options reaches the container.
# shellcheck disable=SC2016,SC2154  # scripts for the container; the library's variables
load "$CTR_TEST_LIB"

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] && command -v podman >/dev/null || return 0
  busybox_rootfs "$T/rootfs"
  mkdir -p "$T/rootfs/full" "$T/volume/sub"
  echo "of the image" >"$T/rootfs/full/file"
  tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
  pod import -q "$T/rootfs.tar" box:latest
  echo "of the host" >"$T/volume/file"
  mount -t tmpfs volume "$T/volume/sub"
  mount --make-rshared "$T/volume/sub"
}
setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  command -v podman >/dev/null || skip "no podman"
}
teardown_file() {
  [ "${CTR_IN_VM-}" = 1 ] && command -v podman >/dev/null || return 0
  pod rm -af -t 0 >/dev/null 2>&1 || true
  umount -R "$T/volume/sub"
  rmdir /sys/fs/cgroup/libpod_parent/* /sys/fs/cgroup/libpod_parent 2>/dev/null || true
}

pod() {
  podman --runtime "$RUNTIME" --root "$T/p" --runroot "$T/q" --tmpdir "$T/s" --cgroup-manager cgroupfs \
    --events-backend file "$@" 3>&-
}
box() { pod run --rm --network none "$@"; }

@test "--tmpfs begins with what it covers; --read-only leaves /tmp and /run writable" {
  run box --tmpfs /full box sh -c 'cat /full/file; stat -f -c %T /full; touch /full/new && echo written'
  echo "$output"
  [ "$(xargs <<<"$output")" = "of the image tmpfs written" ]
  run box --read-only box sh -c 'touch /x 2>/dev/null || echo read-only; touch /tmp/x /run/x && echo written'
  [ "$(xargs <<<"$output")" = "read-only written" ]
}

@test "-v: ro, exec, propagation, overlay, a volume of its own" {
  local look='grep " /v" /proc/self/mountinfo; cat /v/file; touch /v/new 2>/dev/null || echo read-only'
  run box -v "$T/volume:/v:ro,noexec,nosuid,rslave" box sh -c "$look"
  echo "$output"
  [[ $output == *" /v ro,nosuid,nodev,noexec,"* || $output == *" /v ro,nosuid,noexec,"* ]]
  [[ $output == *" /v/sub "*master:* ]]
  [[ $output == *"of the host"*read-only* ]]
  run box -v "$T/volume:/v:rshared" box sh -c "$look"
  echo "$output"
  [[ $output == *" /v/sub "*shared:* ]]
  run box -v "$T/volume:/v:rprivate" box sh -c "$look"
  [[ $output != *shared:* && $output != *master:* ]]
  run box -v "$T/volume:/v:O" box sh -c 'cat /v/file; echo changed >/v/file && cat /v/file'
  echo "$output"
  [ "$(xargs <<<"$output")" = "of the host changed" ]
  [ "$(cat "$T/volume/file")" = "of the host" ]
  run box -v named:/full box sh -c 'cat /full/file'
  [ "$output" = "of the image" ]
}

@test "--mount: bind of one mount alone, tmpfs with its size" {
  run box --mount "type=bind,src=$T/volume,dst=/v,bind-nonrecursive" --mount type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=700 \
    box sh -c 'grep -c " /v" /proc/self/mountinfo; grep " /t " /proc/self/mountinfo; stat -c %a /t'
  echo "$output"
  [ "${lines[0]}" = 1 ]
  [[ ${lines[1]} == *size=2048k* ]]
  [ "${lines[2]}" = 700 ]
}

@test "--uidmap with an id-mapped volume: its files are the container's root's" {
  run box --uidmap 0:100000:65536 --gidmap 0:100000:65536 -v "$T/volume:/v:idmap" box sh -c 'cat /proc/self/uid_map; stat -c %u:%g /v/file; touch /v/made'
  echo "$output"
  [[ $output == *100000* ]]
  [[ $output == *"0:0"* ]]
  [ "$(stat -c %u:%g "$T/volume/made")" = 0:0 ]
}

@test "--device, masked and unmasked paths, a working folder" {
  [ -e /dev/fuse ] || mknod /dev/fuse c 10 229
  run box --device /dev/fuse:/dev/mine:r --security-opt mask=/full:/etc/passwd --security-opt unmask=/proc/timer_list -w /home \
    box sh -c 'stat -c "%F %t:%T" /dev/mine; ls /full | wc -l; wc -c </etc/passwd; pwd'
  echo "$output"
  [ "${lines[0]}" = "character special file a:e5" ]
  [ "${lines[1]}" = 0 ]
  [ "${lines[2]}" = 0 ]
  [ "${lines[3]}" = /home ]
  run box --privileged box sh -c 'grep -c " /proc/sys" /proc/self/mountinfo; grep " /sys " /proc/self/mountinfo'
  [ "${lines[0]}" = 0 ]
  [[ ${lines[1]} == *" rw,"* ]]
}
