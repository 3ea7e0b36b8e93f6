# runtime-spec, config.md and config-linux.md: the container's surroundings.
# shellcheck disable=SC2317  # functions called by name
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() { remove_all; }

@test "config-linux.md Namespaces: those of the list are new, the others are the caller's" {
  script 'for n in pid net ipc uts mnt cgroup; do readlink /proc/self/ns/$n; done' \
    '.linux.namespaces |= map(select(.type != "network")) | .process.args = ["sh", "-c", $script]'
  run run_bundle
  [ "$status" = 0 ]
  [[ $output != *"$(readlink /proc/self/ns/pid)"* ]]
  [[ $output == *"$(readlink /proc/self/ns/net)"* ]]
  [[ $output != *"$(readlink /proc/self/ns/ipc)"* ]]
  [[ $output != *"$(readlink /proc/self/ns/uts)"* ]]
  [[ $output != *"$(readlink /proc/self/ns/mnt)"* ]]
  [[ $output != *"$(readlink /proc/self/ns/cgroup)"* ]]
}

@test "config-linux.md Namespaces: joined by path" {
  sleeping "$(id a)"
  local pid
  pid=$(pid_of "$(id a)")
  script 'readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; ps | grep -c "sleep 600"' "
    .linux.namespaces = [{\"type\": \"mount\"}, {\"type\": \"pid\", \"path\": \"/proc/$pid/ns/pid\"},
      {\"type\": \"network\", \"path\": \"/proc/$pid/ns/net\"}, {\"type\": \"ipc\", \"path\": \"/proc/$pid/ns/ipc\"}] |
    del(.hostname)"
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = "$(readlink "/proc/$pid/ns/net")" ]
  [ "${lines[1]}" = "$(readlink "/proc/$pid/ns/ipc")" ]
  [ "${lines[2]}" -ge 1 ]
}

@test "config-linux.md Namespaces: a path that is no such namespace is an error" {
  deviates crun "leaves its cgroup"
  script 'true' '.linux.namespaces |= map(if .type == "network" then .path = "/proc/self/ns/uts" else . end)'
  run run_bundle
  [ "$status" != 0 ]
  script 'true' '.linux.namespaces |= map(if .type == "network" then .path = "/dev/null" else . end)'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config-linux.md Namespaces: a type twice is an error" {
  deviates crun "takes it"
  script 'true' '.linux.namespaces += [{"type": "pid"}]'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Hostname: set in the container alone" {
  script 'hostname' '.hostname = "other"'
  run run_bundle
  [ "$output" = other ]
  [ "$(hostname)" != other ]
}

@test "config-linux.md Default Devices and links" {
  script 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a" /dev/$d; done
    for l in fd stdin stdout stderr; do readlink /dev/$l; done; test -c /dev/ptmx && echo ptmx; echo x >/dev/null; id >/dev/stdout'
  run run_bundle
  [[ $output == *"/dev/null 1:3 666"* ]]
  [[ $output == *"/dev/zero 1:5 666"* ]]
  [[ $output == *"/dev/full 1:7 666"* ]]
  [[ $output == *"/dev/random 1:8 666"* ]]
  [[ $output == *"/dev/urandom 1:9 666"* ]]
  [[ $output == *"/dev/tty 5:0 666"* ]]
  [[ $output == *"/proc/self/fd/0"* ]]
  [[ $output == *ptmx* ]]
  [[ $output == *"uid=0"* ]]
}

@test "config-linux.md Devices: made as asked" {
  script 'stat -c "%F %t:%T %a %u:%g" /dev/mine /dev/sub/pipe' '.linux.devices = [
    {"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 384, "uid": 7, "gid": 8},
    {"path": "/dev/sub/pipe", "type": "p", "fileMode": 420}]'
  run run_bundle
  [ "${lines[0]}" = "character special file 1:5 600 7:8" ]
  [[ ${lines[1]} == "fifo 0:0 644 0:0" ]]
}

@test "config-linux.md Devices: of each type, anywhere, also the unbuffered" {
  mkdir -p "$B/rootfs/else where"
  script 'stat -c "%F %t:%T %a %n" /dev/b /dev/u "/else where/c"' '.linux.devices = [
    {"path": "/dev/b", "type": "b", "major": 7, "minor": 200, "fileMode": 432},
    {"path": "/dev/u", "type": "u", "major": 1, "minor": 7, "fileMode": 384},
    {"path": "/else where/c", "type": "c", "major": 1, "minor": 3, "fileMode": 438}]'
  run run_bundle
  rm -rf "$B/rootfs/else where"
  [ "${lines[0]}" = "block special file 7:c8 660 /dev/b" ]
  [ "${lines[1]}" = "character special file 1:7 600 /dev/u" ]
  [ "${lines[2]}" = "character special file 1:3 666 /else where/c" ]
}

@test "config-linux.md Devices: what is there and is the device stays; what is another file is an error" {
  deviates runc "leaves the other file" # 1.1.5
  deviates crun "leaves the other file"
  mknod -m 600 "$B/rootfs/same" c 1 5
  script 'stat -c "%t:%T" /same' '.linux.devices = [{"path": "/same", "type": "c", "major": 1, "minor": 5}]'
  run run_bundle
  rm "$B/rootfs/same"
  [ "$output" = 1:5 ]
  echo precious >"$B/rootfs/other"
  script 'true' '.linux.devices = [{"path": "/other", "type": "c", "major": 1, "minor": 5}]'
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
  [ "$(cat "$B/rootfs/other")" = precious ]
  rm "$B/rootfs/other"
}

# In a user namespace with the ids of the machine, and a mount namespace of its.
in_user_namespace() {
  mkfifo "$T/go"
  unshare -U -m -- sh -c 'read -r go <"$1"; shift; exec "$@"' sh "$T/go" \
    "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)" </dev/null &
  local pid=$!
  is_inside() { [ "$(readlink /proc/self/ns/user)" != "$(readlink "/proc/$pid/ns/user")" ]; }
  eventually 20 is_inside
  echo "0 0 65536" >"/proc/$pid/uid_map"
  echo "0 0 65536" >"/proc/$pid/gid_map"
  echo go >"$T/go"
  rm "$T/go"
  wait "$pid"
}

@test "config-linux.md Default Devices, Masked Paths: in a user namespace, where mknod(2) is not allowed" {
  deviates runc "cannot without uidMappings of its own" # 1.1.5
  script 'for d in null zero full random urandom tty; do stat -c "%n %t:%T" /dev/$d; done; echo x >/dev/null; cat /proc/keys | wc -c
    ls /sys/firmware | wc -l; stat -c "%n %t:%T" /dev/fuse' '
    .linux.devices = [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}]'
  [ -c /dev/fuse ] || skip "no /dev/fuse here"
  run in_user_namespace
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"/dev/null 1:3"* ]]
  [[ $output == *"/dev/urandom 1:9"* ]]
  [[ $output == *"/dev/tty 5:0"* ]]
  [ "$(grep -cx 0 <<<"$output")" = 2 ]
  [[ $output == *"/dev/fuse a:e5"* ]]
}

@test "config-linux.md Masked Paths: nothing is read; what is not there is left out" {
  script 'cat /proc/keys | wc -c; ls /sys/firmware | wc -l; cat /proc/timer_list | wc -c; echo end' \
    '.linux.maskedPaths += ["/proc/none", "/proc/timer_list"]'
  run run_bundle
  [ "$output" = "$(printf '0\n0\n0\nend')" ]
}

@test "config-linux.md Readonly Paths" {
  script 'echo x 2>/dev/null >/proc/sys/kernel/hostname || echo refused; grep -c " /proc/sys ro" /proc/self/mountinfo'
  run run_bundle
  [ "${lines[0]}" = refused ]
  [ "${lines[1]}" = 1 ]
}

@test "config-linux.md Sysctl" {
  script 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced' \
    '.linux.sysctl = {"net.ipv4.ip_unprivileged_port_start": "80", "kernel.shm_rmid_forced": "1"}'
  run run_bundle
  [ "${lines[0]}" = 80 ]
  [ "${lines[1]}" = 1 ]
}

@test "config-linux.md Sysctl: one of the whole machine is an error" {
  script 'true' '.linux.sysctl = {"kernel.panic": "0"}'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Root: readonly" {
  script 'touch /x 2>/dev/null || echo refused; touch /dev/shm/x && echo tmpfs' '.root.readonly = true'
  run run_bundle
  [ "${lines[0]}" = refused ]
  [ "${lines[1]}" = tmpfs ]
  script 'touch /x && rm /x && echo written'
  run run_bundle
  [ "$output" = written ]
}

@test "config.md Root: the host's files are not there" {
  script 'ls -a / | xargs; ls /proc/1/root/ | xargs'
  run run_bundle
  [[ $output != *lost+found* ]]
  [ "$(tr ' ' '\n' <<<"${lines[1]}" | sort | xargs)" = "bin dev etc home proc root run sys tmp var" ]
}

@test "config.md Mounts: bind mounts of a folder and a file, targets made" {
  mkdir -p "$T/folder"
  echo inside >"$T/folder/file"
  echo single >"$T/single"
  script 'cat /made/by/mount/file; cat /etc/single; touch /made/by/mount/new; touch /made/by/mount/sub 2>/dev/null; (echo x >/etc/single) 2>/dev/null || echo read-only' \
    ".mounts += [{\"destination\": \"/made/by/mount\", \"type\": \"bind\", \"source\": \"$T/folder\", \"options\": [\"rbind\", \"rw\"]},
      {\"destination\": \"/etc/single\", \"type\": \"bind\", \"source\": \"$T/single\", \"options\": [\"bind\", \"ro\"]}]"
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = inside ]
  [ "${lines[1]}" = single ]
  [[ $output == *read-only* ]]
  [ -e "$T/folder/new" ]
}

@test "config.md Mounts: in the order of the list" {
  mkdir -p "$T/under" "$T/over"
  echo under >"$T/under/name"
  echo over >"$T/over/name"
  script 'cat /mnt/name; cat /mnt/deep/name' ".mounts += [
    {\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": \"$T/under\", \"options\": [\"bind\"]},
    {\"destination\": \"/mnt/deep\", \"type\": \"bind\", \"source\": \"$T/under\", \"options\": [\"bind\"]},
    {\"destination\": \"/mnt/deep\", \"type\": \"bind\", \"source\": \"$T/over\", \"options\": [\"bind\"]}]"
  run run_bundle
  [ "${lines[0]}" = under ]
  [ "${lines[1]}" = over ]
}

@test "config.md Mounts: options of a tmpfs" {
  script 'grep " /data " /proc/self/mountinfo; stat -c %a /data; touch /data/x; chmod +x /data/x; /data/x || echo noexec' \
    '.mounts += [{"destination": "/data", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "noexec", "noatime", "mode=1770", "size=1m"]}]'
  run run_bundle
  [[ ${lines[0]} == *"rw,nosuid,nodev,noexec,noatime"* ]]
  [[ ${lines[0]} == *"size=1024k"* ]]
  [ "${lines[1]}" = 1770 ]
  [[ $output == *noexec* ]]
}

@test "config.md Mounts: bind mounts keep the host's mounts to themselves" {
  mkdir -p "$T/shared"
  mount -t tmpfs shared "$T/shared"
  mount --make-rshared "$T/shared"
  script 'mkdir /mnt/sub; mount -t tmpfs t /mnt/sub && touch /mnt/sub/x' ".mounts += [{\"destination\": \"/mnt\", \"type\": \"bind\",
    \"source\": \"$T/shared\", \"options\": [\"rbind\", \"rprivate\"]}] |
    .process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])"
  run run_bundle
  run grep -c "$T/shared/sub" /proc/self/mountinfo
  local count=$output
  umount -R "$T/shared"
  [ "$count" = 0 ]
}

@test "config-linux.md Rootfs Mount Propagation: nothing leaks by default" {
  script 'mount -t tmpfs leak /home && echo mounted' '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
  run run_bundle
  [ "$output" = mounted ]
  run grep -c leak /proc/self/mountinfo
  [ "$output" = 0 ]
}

@test "config-linux.md Control groups: the container is in its own, by cgroupsPath" {
  sleeping "$(id)" ".linux.cgroupsPath = \"/some/where/$(id)\""
  [ -d "/sys/fs/cgroup/some/where/$(id)" ]
  grep -qx "$(pid_of "$(id)")" "/sys/fs/cgroup/some/where/$(id)/cgroup.procs"
  runtime delete -f "$(id)"
  [ ! -d "/sys/fs/cgroup/some/where/$(id)" ]
  rmdir /sys/fs/cgroup/some/where /sys/fs/cgroup/some 2>/dev/null || true
}

@test "config-linux.md cgroup namespace: its root is the container's cgroup" {
  script 'cat /proc/self/cgroup'
  run run_bundle
  [[ $output == *"0::/" ]]
}

@test "config.md oci version: a spec of a future major version is an error" {
  script 'true' '.ociVersion = "9.0.0"'
  run run_bundle
  deviates runc "looks at no version"
  deviates crun "looks at no version"
  [ "$status" != 0 ]
}

@test "config.md Extensibility: unknown properties are ignored" {
  script 'echo ran' '.unknownProperty = {"x": 1} | .linux.alsoUnknown = [1]'
  run run_bundle
  [ "$status" = 0 ]
  [ "$output" = ran ]
}
