# The runtime as a user without rights: config-linux.md "User namespace mappings", and what runc and crun do for such.
load "$CTR_TEST_LIB"
load bundle

# A real user of its own, in the file's mount namespace alone.
USER_ID=4321
setup_file() {
  make_bundle
  for name in passwd group subuid subgid; do
    cat "/etc/$name" >"$T/$name" 2>/dev/null || true
  done
  echo "ctrtest:x:$USER_ID:$USER_ID::$T/home:/bin/sh" >>"$T/passwd"
  echo "ctrtest:x:$USER_ID:" >>"$T/group"
  echo "ctrtest:200000:65536" | tee -a "$T/subuid" >>"$T/subgid"
  for name in passwd group subuid subgid; do
    [ -e "/etc/$name" ] || touch "/etc/$name"
    mount --bind "$T/$name" "/etc/$name"
  done
  mkdir -p "$T/home" "$T/xdg"
  chown -R "$USER_ID:$USER_ID" "$T/home" "$T/xdg" "$B"
  chmod 700 "$T/xdg"
  chmod 755 "$T"
}
teardown_file() {
  for name in passwd group subuid subgid; do umount "/etc/$name"; done
}
setup() {
  skip_unless "users get no user namespaces here, or no procfs in them" \
    as_user unshare --user --map-root-user --fork --pid --mount-proc true
}
teardown() {
  for name in $(runtime list -q 2>/dev/null); do runtime delete -f "$name" >/dev/null 2>&1 || true; done
}

as_user() { setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups env HOME="$T/home" XDG_RUNTIME_DIR="$T/xdg" "$@"; }
# Of bundle.bash's functions too: without --root, below XDG_RUNTIME_DIR.
runtime() { as_user "$RUNTIME" "$@"; }

has_stopped() { [ "$(status_of "$1")" = stopped ]; }

SINGLE='.linux.namespaces += [{"type": "user"}] |
  .linux.uidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}] |
  .linux.gidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}] |
  (.mounts[] | select(.type == "devpts") | .options) |= map(select(. != "gid=5"))'
MANY='.linux.namespaces += [{"type": "user"}] |
  .linux.uidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}, {"containerID": 1, "hostID": 200000, "size": 65536}] |
  .linux.gidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}, {"containerID": 1, "hostID": 200000, "size": 65536}]'

@test "rootless: one id mapped, without the help of newuidmap" {
  script 'id -u; id -g; cat /proc/self/uid_map | xargs; cat /proc/self/setgroups; touch /tmp/mine; hostname; echo $$; cat /proc/self/oom_score_adj' "$SINGLE | .process.oomScoreAdj = 900"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[0]}" = 0 ]
  [ "${lines[1]}" = 0 ]
  [ "${lines[2]}" = "0 $USER_ID 1" ]
  [ "${lines[3]}" = deny ]
  [ "${lines[4]}" = box ]
  [ "${lines[5]}" = 1 ]
  [ "${lines[6]}" = 900 ]
  [ "$(stat -c %u "$B/rootfs/tmp/mine")" = "$USER_ID" ]
}

@test "rootless: many ids by newuidmap and newgidmap, and other users in the container" {
  deviates runc "1.1 refuses all additional groups"
  command -v newuidmap >/dev/null || skip "no newuidmap"
  script 'id -u; grep ^Groups /proc/self/status | xargs; touch /tmp/theirs' \
    "$MANY | .process.user = {\"uid\": 1000, \"gid\": 1000, \"additionalGids\": [5, 2000]}"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[0]}" = 1000 ]
  [ "${lines[1]}" = "Groups: 5 2000" ]
  [ "$(stat -c %u "$B/rootfs/tmp/theirs")" = 200999 ]
}

@test "rootless: ids that are not the user's are refused, with what newuidmap says" {
  command -v newuidmap >/dev/null || skip "no newuidmap"
  config "$MANY | .linux.uidMappings[1].hostID = 900000"
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *newuidmap* ]]
  [ -z "$(runtime list -q)" ]
}

@test "rootless: groups that cannot be set are an error, none are not" {
  deviates crun "leaves them out"
  config "$SINGLE | .process.user.additionalGids = [0]"
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
}

@test "rootless: create, start, state, exec, kill, delete; nothing but the user's own is left or needed" {
  sleeping "$(id)" "$SINGLE"
  [ "$(status_of "$(id)")" = running ]
  [ -d "$T/xdg" ]
  run runtime exec "$(id)" sh -c 'id -u; grep CapEff /proc/self/status; readlink /proc/self/ns/pid; exit 5' </dev/null
  echo "$output"
  [ "$status" = 5 ]
  [ "${lines[0]}" = 0 ]
  [ "$(awk '{print $2}' <<<"${lines[1]}")" = 0000000000000021 ]
  [ "${lines[2]}" = "$(readlink "/proc/$(pid_of "$(id)")/ns/pid")" ]
  runtime kill "$(id)" KILL
  eventually 5 has_stopped "$(id)"
  runtime delete "$(id)"
  run runtime state "$(id)"
  [ "$status" != 0 ]
}

@test "rootless: exec as another user" {
  command -v newuidmap >/dev/null || skip "no newuidmap"
  sleeping "$(id)" "$MANY"
  run runtime exec -u 1000:1000 "$(id)" id -u </dev/null
  [ "$output" = 1000 ]
}

@test "rootless: exec with limits and an oom score of its own" {
  deviates runc "gives the container's"
  deviates crun "gives the container's"
  sleeping "$(id)" "$SINGLE"
  jq '.process | .args = ["sh", "-c", "cat /proc/self/oom_score_adj; ulimit -n"] | .oomScoreAdj = 800 |
    .rlimits = [{"type": "RLIMIT_NOFILE", "soft": 99, "hard": 100}]' "$B/base.json" >"$T/process.json"
  run runtime exec --process "$T/process.json" "$(id)" </dev/null
  [ "${lines[0]}" = 800 ]
  [ "${lines[1]}" = 99 ]
}

@test "rootless: the host's network, and its /sys bound" {
  script 'ls -d /sys/class/net; mkdir /sys/x 2>&1 || echo refused' "$SINGLE | .linux.namespaces |= map(select(.type != \"network\"))"
  deviates runc "1.1 fails"
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = /sys/class/net ]
  [[ $output == *refused ]]
}

@test "rootless: a bind mount, read-only, keeps the flags that are locked" {
  deviates runc "1.1 fails"
  mkdir -p "$T/home/data"
  echo x >"$T/home/data/file"
  mkdir -p "$T/locked"
  mount -t tmpfs -o nosuid,nodev,noexec,mode=777 none "$T/locked"
  script 'cat /data/file; touch /data/y 2>&1 || echo refused; grep " /locked " /proc/mounts | cut -d" " -f4' "$SINGLE"' | .mounts += [
    {"destination": "/data", "type": "bind", "source": "'"$T/home/data"'", "options": ["rbind", "ro"]},
    {"destination": "/locked", "type": "bind", "source": "'"$T/locked"'", "options": ["rbind", "ro"]}]'
  run run_bundle
  umount "$T/locked"
  echo "$output"
  [ "${lines[0]}" = x ]
  [[ $output == *refused* ]]
  [[ ${lines[-1]} == ro,*nosuid*nodev*noexec* ]]
}

@test "rootless: tmpcopyup: the content, modes and links of what the tmpfs covers" {
  deviates runc "1.1 cannot copy a fifo"
  mkdir -p "$B/rootfs/full/deep/er"
  echo content >"$B/rootfs/full/deep/er/file"
  chmod 751 "$B/rootfs/full/deep"
  chmod 4755 "$B/rootfs/full/deep/er/file"
  ln -s deep/er "$B/rootfs/full/link"
  mkfifo "$B/rootfs/full/fifo"
  touch "$B/rootfs/full/"{1..200}
  chown -Rh "$USER_ID:$USER_ID" "$B/rootfs/full"
  chmod 4755 "$B/rootfs/full/deep/er/file"
  script 'stat -f -c %T /full; cat /full/link/file; stat -c "%a %u:%g" /full/deep /full/link/file; test -p /full/fifo && echo fifo
    ls /full | wc -l; echo new >/full/new && echo written' "$SINGLE"' | .mounts += [
    {"destination": "/full", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "nodev"]}]'
  run run_bundle
  ls "$B/rootfs/full" >"$T/left"
  rm -rf "$B/rootfs/full"
  echo "$output"
  [ "${lines[0]}" = tmpfs ]
  [ "${lines[1]}" = content ]
  [ "${lines[2]}" = "751 0:0" ]
  [ "${lines[3]}" = "4755 0:0" ]
  [ "${lines[4]}" = fifo ]
  [ "${lines[5]}" = 203 ]
  [ "${lines[6]}" = written ]
  run grep -q new "$T/left"
  [ "$status" = 1 ]
}

@test "rootless: no rights to any cgroup are no error, unless a limit is asked for" {
  deviates crun "says so and goes on"
  config "$SINGLE | .linux.resources = {\"pids\": {\"limit\": 10}}"
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *cgroup* || $output == *pids* ]]
  config "$SINGLE"
  run run_bundle
  [ "$status" = 0 ]
}

@test "rootless: a cgroup that is the user's, with its limits, where the user may move a process there" {
  deviates runc "1.1 fails"
  deviates crun "stays outside in any case"
  local mine=/sys/fs/cgroup/mine
  mkdir -p "$mine/here"
  chown "$USER_ID" "$mine" "$mine/cgroup.procs" "$mine/cgroup.subtree_control" "$mine/here" "$mine/here/cgroup.procs"
  # From a cgroup that is not the user's no process may be moved: the container stays there.
  config "$SINGLE"' | .process.args = ["grep", "^0:", "/proc/self/cgroup"] | .linux.cgroupsPath = "/mine/box" |
    .linux.namespaces |= map(select(.type != "cgroup"))'
  run run_bundle
  echo "$output"
  [ "$output" = "$(grep ^0: /proc/self/cgroup)" ]
  [ ! -e "$mine/box" ]
  sh -c 'echo $$ >/sys/fs/cgroup/mine/here/cgroup.procs; exec setpriv --reuid=4321 --regid=4321 --clear-groups \
    env XDG_RUNTIME_DIR="$1" "$2" run -b "$3" "$4"' sh "$T/xdg" "$RUNTIME" "$B" "$(id)" </dev/null >"$T/out"
  [ "$(cat "$T/out")" = 0::/mine/box ]
  rmdir "$mine/here" "$mine"
}

@test "rootless: masked and read-only paths, and seccomp" {
  script 'exec 2>&1; stat -c %t:%T /proc/version; echo x >/proc/sys/kernel/domainname; ls /sys/firmware | wc -l; grep ^Seccomp: /proc/self/status' \
    "$SINGLE"' | .linux.maskedPaths += ["/proc/version"] | .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = 1:3 ]
  [[ ${lines[1]} == *Read-only* ]]
  [ "${lines[2]}" = 0 ]
  [ "$(awk '/^Seccomp:/ {print $2}' <<<"$output")" = 2 ]
}

@test "rootless: hooks of the container's side run in its namespaces" {
  script 'cat /tmp/hook; rm /tmp/hook' "$SINGLE"' | .hooks.startContainer = [{"path": "/bin/sh",
    "args": ["sh", "-c", "id -u >/tmp/hook"]}]'
  run run_bundle
  echo "$output"
  [ "${lines[0]}" = 0 ]
}

@test "rootless: as root of a user namespace that the caller has made, as podman does" {
  script 'exec 2>&1; id -u; echo x >/dev/null; ls -d /sys/class/net; touch /tmp/mine; hostname; echo $$' \
    '(.mounts[] | select(.type == "devpts") | .options) |= map(select(. != "gid=5")) |
     .linux.namespaces |= map(select(.type != "network")) | .linux.maskedPaths += ["/proc/version"]'
  deviates runc "1.1 fails at sysfs"
  run as_user unshare --user --map-root-user --mount "$RUNTIME" --root "$T/xdg/inner" run -b "$B" "$(id)" </dev/null
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[0]}" = 0 ]
  [ "${lines[1]}" = /sys/class/net ]
  [ "${lines[2]}" = box ]
  [ "${lines[3]}" = 1 ]
  [ "$(stat -c %u "$B/rootfs/tmp/mine")" = "$USER_ID" ]
}

@test "rootless: without a user namespace it is an error that says so" {
  deviates crun "makes one"
  config .
  run run_bundle
  echo "$output"
  [ "$status" != 0 ]
  [[ $output == *"user namespace"* ]]
}
