# runtime-spec, config-linux.md: user and time namespaces.
load "$CTR_TEST_LIB"
load bundle

# The container's root is 100000 on the host, as is its root folder's owner.
setup_file() {
  make_bundle
  chown -R --no-dereference 100000:100000 "$B/rootfs"
  chmod 755 "$T"
}
setup() {
  skip_unless "no user namespaces here, or no procfs in them" \
    unshare --user --map-root-user --fork --pid --mount-proc true
}
teardown() { remove_all; }

NEW_USER='.linux.namespaces += [{"type": "user"}] |
  .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
  .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'

@test "config-linux.md User namespace mappings: the ids are mapped as asked" {
  script 'cat /proc/self/uid_map /proc/self/gid_map | xargs; id -u; id -g; stat -c %u:%g /' "$NEW_USER"
  run run_bundle
  [ "$status" = 0 ]
  [ "${lines[0]}" = "0 100000 65536 0 100000 65536" ]
  [ "${lines[1]}" = 0 ]
  [ "${lines[2]}" = 0 ]
  [ "${lines[3]}" = 0:0 ]
  [ "$(stat -c %u "$B/rootfs")" = 100000 ]
}

@test "config-linux.md User namespace mappings: the process is another user on the host" {
  sleeping "$(id)" "$NEW_USER | .process.user = {\"uid\": 1000, \"gid\": 1000, \"additionalGids\": [2000]}"
  local pid
  pid=$(pid_of "$(id)")
  [ "$(awk '/^Uid:/ {print $2}' "/proc/$pid/status")" = 101000 ]
  [ "$(awk '/^Gid:/ {print $2}' "/proc/$pid/status")" = 101000 ]
  [ "$(awk '/^Groups:/ {print $2, $3}' "/proc/$pid/status")" = "102000 " ]
  [ "$(readlink "/proc/$pid/ns/user")" != "$(readlink /proc/self/ns/user)" ]
}

@test "config-linux.md User namespace mappings: none, or without a user namespace, is an error" {
  deviates crun "makes a mapping of its own"
  deviates runc "1.1 takes mappings for nothing"
  config '.linux.namespaces += [{"type": "user"}]'
  run run_bundle
  [ "$status" != 0 ]
  config '.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 1}]'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config-linux.md Namespaces: a new user namespace owns the others that are new" {
  # Only an owner's root may do these.
  script 'hostname other && hostname; mount -t tmpfs none /mnt 2>/dev/null; ip link set lo down && echo net; ls /dev/mqueue >/dev/null && echo mqueue; sysctl -qw kernel.shmmax=5 2>/dev/null; echo $$' \
    "$NEW_USER"' | .process.capabilities |= (.bounding += ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"] |
    .effective += ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"] | .permitted += ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"])'
  run run_bundle
  [ "${lines[0]}" = other ]
  [ "${lines[1]}" = net ]
  [ "${lines[2]}" = mqueue ]
  [ "${lines[3]}" = 1 ]
}

@test "config-linux.md Default Devices: those of the host, bound, where none can be made" {
  local before
  before=$(stat -c %u:%g:%a /dev/null)
  script 'echo x >/dev/null && head -c 4 /dev/zero | od -An -tx1 | xargs; stat -c "%t:%T" /dev/urandom; stat -c %a /dev/full' "$NEW_USER"
  run run_bundle
  [ "${lines[0]}" = "00 00 00 00" ]
  [ "${lines[1]}" = 1:9 ]
  [ "${lines[2]}" = 666 ]
  [ "$(stat -c %u:%g:%a /dev/null)" = "$before" ]
}

@test "config-linux.md Devices: a node that the host has not, or has as another device, is an error" {
  deviates runc "binds whatever the host has there"
  deviates crun "binds whatever the host has there"
  config "$NEW_USER"' | .linux.devices = [{"path": "/dev/null", "type": "c", "major": 1, "minor": 5}]'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Mounts: of a user namespace's own: tmpfs with ids, mqueue, cgroup2" {
  script 'stat -c "%u:%g %a" /t; touch /t/x && stat -c %u:%g /t/x; grep -c " /sys/fs/cgroup cgroup2" /proc/mounts; grep -c "^mqueue" /proc/mounts' \
    "$NEW_USER"' | .mounts += [{"destination": "/t", "type": "tmpfs", "source": "t", "options": ["uid=7", "gid=8", "mode=1777"]},
    {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]}]'
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = "7:8 1777" ]
  [ "${lines[1]}" = 0:0 ]
  [ "${lines[2]}" = 1 ]
  [ "${lines[3]}" = 1 ]
}

@test "config.md Mounts: where a sysfs cannot be mounted, the host's is bound" {
  deviates runc "1.1 fails"
  deviates crun "1.8 leaves out that it is to be read-only"
  script 'ls -d /sys/class; grep " /sys " /proc/mounts | cut -d" " -f4; mkdir /sys/x 2>&1' \
    "$NEW_USER"' | .linux.namespaces |= map(select(.type != "network"))'
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = /sys/class ]
  [[ ${lines[1]} == ro,* ]]
}

@test "config-linux.md Namespaces: a user namespace is joined by path, and new ones belong to it" {
  deviates runc "1.1 asks for mappings"
  sleeping "$(id)a" "$NEW_USER"
  local pid
  pid=$(pid_of "$(id)a")
  script 'readlink /proc/self/ns/user; id -u; hostname; echo $$' \
    ".linux.namespaces += [{\"type\": \"user\", \"path\": \"/proc/$pid/ns/user\"}]"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[0]}" = "$(readlink "/proc/$pid/ns/user")" ]
  [ "${lines[1]}" = 0 ]
  [ "${lines[2]}" = box ]
  [ "${lines[3]}" = 1 ]
}

@test "config-linux.md Namespaces: user, pid and network are joined together, as a pod's are" {
  deviates runc "1.1 asks for mappings"
  sleeping "$(id)a" "$NEW_USER"
  local pid
  pid=$(pid_of "$(id)a")
  script 'for n in user pid net ipc; do readlink /proc/self/ns/$n; done; ps | grep -c "[s]leep 600"' \
    ".linux.namespaces |= (map(select(.type == \"mount\" or .type == \"uts\" or .type == \"cgroup\")) +
     [{\"type\": \"user\", \"path\": \"/proc/$pid/ns/user\"}, {\"type\": \"pid\", \"path\": \"/proc/$pid/ns/pid\"},
      {\"type\": \"network\", \"path\": \"/proc/$pid/ns/net\"}, {\"type\": \"ipc\", \"path\": \"/proc/$pid/ns/ipc\"}])"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  for n in user pid net ipc; do
    [ "${lines[0]}" = "$(readlink "/proc/$pid/ns/$n")" ]
    lines=("${lines[@]:1}")
  done
  [ "${lines[0]}" = 1 ]
}

@test "config-linux.md Namespaces: a new user namespace beside one of the machine's that is joined" {
  deviates runc "1.1 makes the user namespace first"
  unshare -n sleep 60 3>&- &
  local holder=$!
  script 'readlink /proc/self/ns/net; id -u' \
    "$NEW_USER | .linux.namespaces |= (map(select(.type != \"network\")) + [{\"type\": \"network\", \"path\": \"/proc/$holder/ns/net\"}])"
  local wanted
  wanted=$(readlink "/proc/$holder/ns/net")
  run run_bundle
  kill "$holder"
  echo "$output"
  [ "${lines[0]}" = "$wanted" ]
  [ "${lines[1]}" = 0 ]
}

@test "exec: into a user namespace, with its ids, a terminal and no rights outside" {
  sleeping "$(id)" "$NEW_USER"
  run runtime exec -u 1000:1000 "$(id)" sh -c 'id -u; readlink /proc/self/ns/user; echo $$ >/dev/null; ps | grep -c "[s]leep 600"' </dev/null
  echo "$output"
  [ "${lines[0]}" = 1000 ]
  [ "${lines[1]}" = "$(readlink "/proc/$(pid_of "$(id)")/ns/user")" ]
  [ "${lines[2]}" = 1 ]
  run runtime exec "$(id)" sh -c 'cat /proc/self/uid_map | xargs; grep CapEff /proc/self/status' </dev/null
  echo "$output"
  [ "${lines[0]}" = "0 100000 65536" ]
  [ "$(awk '{print $2}' <<<"${lines[1]}")" = 0000000000000021 ]
  # Nothing else of ours is in there, or stays.
  [ "$(runtime exec "$(id)" sh -c 'echo /proc/[0-9]*' </dev/null | wc -w)" = 2 ]
}

@test "config.md Process: a pipe is its user's, who opens it anew by /dev/stdout" {
  deviates crun "1.8 leaves it to the caller"
  script 'echo by-name >/dev/stdout' "$NEW_USER | .process.user = {\"uid\": 1000, \"gid\": 1000}"
  output=$(runtime run -b "$B" "$(id)" </dev/null | cat)
  [ "$output" = by-name ]
}

# take_console NAME: gets a terminal's master at $T/NAME; what is written to it is in $T/NAME.out at its end, by
# finish_console NAME.
take_console() {
  command -v python3 >/dev/null || skip "no python3"
  cat >"$T/console.py" <<'END'
import array, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
open(sys.argv[1] + ".ready", "w").close()
peer, _ = server.accept()
_, control, _, _ = peer.recvmsg(100, 1000)
fd = array.array("i", control[0][2])[0]
out = b""
while True:
    try:
        part = os.read(fd, 1000)
    except OSError:
        break
    if not part:
        break
    out += part
open(sys.argv[1] + ".out", "wb").write(out)
END
  python3 "$T/console.py" "$T/$1" 3>&- &
  console=$!
  eventually 10 test -e "$T/$1.ready"
}
finish_console() {
  wait "$console"
  tr -d '\r' <"$T/$1.out" >"$T/$1.text"
  cat "$T/$1.text"
}

@test "config.md Process: a terminal in a user namespace is its user's" {
  take_console one
  script 'tty; stat -c %u:%a "$(tty)"; test -c /dev/console && echo console; echo written >/dev/tty' \
    "$NEW_USER | .process.terminal = true | .process.user = {\"uid\": 1000, \"gid\": 1000}"
  runtime create --console-socket "$T/one" -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime start "$(id)"
  finish_console one
  grep -qx /dev/pts/0 "$T/one.text"
  grep -q "^1000:6[02]0$" "$T/one.text"
  grep -qx console "$T/one.text"
  grep -qx written "$T/one.text"
}

@test "exec: a terminal in a user namespace is its user's" {
  deviates crun "1.8 leaves it root's"
  sleeping "$(id)" "$NEW_USER"
  take_console two
  runtime exec -d -t -u 1000:1000 --console-socket "$T/two" "$(id)" \
    sh -c 'tty; stat -c %u:%a "$(tty)"; echo written >/dev/tty' </dev/null
  finish_console two
  grep -qx /dev/pts/0 "$T/two.text"
  grep -q "^1000:6[02]0$" "$T/two.text"
  grep -qx written "$T/two.text"
}

@test "config.md POSIX process: rlimits are raised outside the user namespace, by who may" {
  [ $(($(awk '/CapEff/ {print "0x" $2}' /proc/self/status) >> 24 & 1)) = 1 ] || skip "no CAP_SYS_RESOURCE here"
  local hard
  hard=$(($(ulimit -Hn) + 1000))
  script 'ulimit -Hn' "$NEW_USER | .process.rlimits = [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 100, \"hard\": $hard}]"
  run run_bundle
  [ "$output" = "$hard" ]
  sleeping "$(id)b" "$NEW_USER"
  jq ".process | .args = [\"sh\", \"-c\", \"ulimit -Hn\"] | .rlimits = [{\"type\": \"RLIMIT_NOFILE\", \"soft\": 100, \"hard\": $hard}]" \
    "$B/base.json" >"$T/process.json"
  run runtime exec --process "$T/process.json" "$(id)b" </dev/null
  [ "$output" = "$hard" ]
}

@test "config.md Hooks: createContainer and startContainer in the container's user namespace" {
  sleeping "$(id)" "$NEW_USER | .hooks.createContainer = [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\",
    \"mkdir -p /tmp/ctr-hook.$$ && readlink /proc/self/ns/user >/tmp/ctr-hook.$$/createContainer\"]}] |
    .hooks.startContainer = [{\"path\": \"/bin/sh\", \"args\": [\"sh\", \"-c\", \"readlink /proc/self/ns/user >/tmp/start\"]}]"
  local own
  own=$(readlink "/proc/$(pid_of "$(id)")/ns/user")
  [ "$(cat "/tmp/ctr-hook.$$/createContainer")" = "$own" ]
  [ "$(cat "$B/rootfs/tmp/start")" = "$own" ]
  rm -r "/tmp/ctr-hook.$$" "$B/rootfs/tmp/start"
}

@test "config-linux.md Cgroup ownership: the user's who runs in it, where it is mounted to be written to" {
  deviates crun "1.8 leaves it root's"
  deviates runc "1.1 gives it to the container's root"
  local mount='.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["nosuid"]}]'
  local folder
  folder=/sys/fs/cgroup/$(id)
  sleeping "$(id)" "$mount | $NEW_USER | .process.user = {\"uid\": 1000, \"gid\": 1000} | .linux.cgroupsPath = \"/$(id)\""
  for file in . cgroup.procs cgroup.subtree_control cgroup.threads; do [ "$(stat -c %u "$folder/$file")" = 101000 ]; done
  [ "$(stat -c %u "$folder/cgroup.events")" = 0 ]
  run runtime exec "$(id)" sh -c 'mkdir /sys/fs/cgroup/below && rmdir /sys/fs/cgroup/below && echo made' </dev/null
  [ "$output" = made ]
  remove_all
  sleeping "$(id)" "$mount | .process.user = {\"uid\": 1000, \"gid\": 1000} | .linux.cgroupsPath = \"/$(id)\""
  [ "$(stat -c %u "$folder/cgroup.procs")" = 1000 ]
  remove_all
  sleeping "$(id)" "$mount | .mounts[-1].options = [\"ro\"] | .process.user = {\"uid\": 1000, \"gid\": 1000} |
    .linux.cgroupsPath = \"/$(id)\""
  [ "$(stat -c %u "$folder/cgroup.procs")" = 0 ]
}

TIME='.linux.namespaces += [{"type": "time"}]'

# The machine's clocks run on meanwhile: within a minute is the same.
near() { [ $(($1 - $2)) -lt 60 ] && [ $(($2 - $1)) -lt 60 ]; }

@test "config-linux.md Offset for Time Namespace: boottime and monotonic" {
  deviates runc "1.1 has no time namespaces"
  deviates crun "1.8 has no time namespaces"
  [ -e /proc/self/timens_offsets ] || skip "no time namespaces in this kernel"
  script 'cat /proc/self/timens_offsets; cut -d. -f1 /proc/uptime; test "$(readlink /proc/self/ns/time)" = "$(readlink /proc/self/ns/time_for_children)" && echo same' \
    "$TIME"' | .linux.timeOffsets = {"boottime": {"secs": 864000, "nanosecs": 5}, "monotonic": {"secs": 3600, "nanosecs": 7}}'
  run run_bundle
  echo "$output"
  [ "$(xargs <<<"${lines[0]}")" = "monotonic 3600 7" ]
  [ "$(xargs <<<"${lines[1]}")" = "boottime 864000 5" ]
  near "${lines[2]}" "$(($(cut -d. -f1 /proc/uptime) + 864000))"
  [ "${lines[3]}" = same ]
}

@test "config-linux.md Namespaces: a time namespace, new without offsets, joined by path and by exec" {
  deviates runc "1.1 has no time namespaces"
  deviates crun "1.8 has no time namespaces"
  [ -e /proc/self/timens_offsets ] || skip "no time namespaces in this kernel"
  sleeping "$(id)" "$TIME"' | .linux.timeOffsets = {"boottime": {"secs": 864000}}'
  local pid own
  pid=$(pid_of "$(id)")
  own=$(readlink "/proc/$pid/ns/time")
  [ "$own" != "$(readlink /proc/self/ns/time)" ]
  run runtime exec "$(id)" sh -c 'readlink /proc/self/ns/time' </dev/null
  [ "$output" = "$own" ]
  script 'readlink /proc/self/ns/time' ".linux.namespaces += [{\"type\": \"time\", \"path\": \"/proc/$pid/ns/time\"}]"
  run runtime run -b "$B" "$(id)b" </dev/null
  [ "$output" = "$own" ]
  script 'readlink /proc/self/ns/time' "$TIME"
  run runtime run -b "$B" "$(id)c" </dev/null
  [[ $output == time:* ]]
  [ "$output" != "$(readlink /proc/self/ns/time)" ]
}

@test "config-linux.md Offset for Time Namespace: in a user namespace too" {
  deviates runc "1.1 has no time namespaces"
  deviates crun "1.8 has no time namespaces"
  [ -e /proc/self/timens_offsets ] || skip "no time namespaces in this kernel"
  script 'grep boottime /proc/self/timens_offsets; id -u' "$NEW_USER | $TIME"' | .linux.timeOffsets = {"boottime": {"secs": 60}}'
  run run_bundle
  [ "$(xargs <<<"${lines[0]}")" = "boottime 60 0" ]
  [ "${lines[1]}" = 0 ]
}

@test "config-linux.md Offset for Time Namespace: without a time namespace is an error" {
  deviates runc "1.1 does not know it"
  deviates crun "1.8 does not know it"
  config '.linux.timeOffsets = {"boottime": {"secs": 60}}'
  run run_bundle
  [ "$status" != 0 ]
}
