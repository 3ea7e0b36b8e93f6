# A user without rights and the user's own systemd: containers are scopes of that. tests/vm/run-systemd starts it.
# shellcheck disable=SC2016,SC2154  # scripts for the container; bats' own variables
load "$CTR_TEST_LIB"
load ../../conformance/bundle

USER_ID=4321
export XDG_RUNTIME_DIR=/run/user/$USER_ID
MANAGER=/sys/fs/cgroup/system.slice/users-own.service

as_user() { setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups env HOME="$T/home" "$@"; }
# From inside of what the user's systemd is responsible for: it may move no process from elsewhere.
runtime() {
  as_user systemd-run --user --quiet --pipe --wait --collect "$RUNTIME" --root "$T/state" --systemd-cgroup "$@"
}
shown() { as_user systemctl --user show --value -p "$1" "box-$(id).scope"; }

setup_file() {
  [ "$(cat /proc/1/comm)" = systemd ] || skip "only where systemd is pid 1"
  make_bundle
  echo "ctrtest:x:$USER_ID:$USER_ID::$T/home:/bin/sh" >>/etc/passwd
  echo "ctrtest:x:$USER_ID:" >>/etc/group
  mkdir -p "$T/home" "$XDG_RUNTIME_DIR"
  chown -R $USER_ID:$USER_ID "$T/home" "$B" "$T" "$XDG_RUNTIME_DIR"
  chmod 755 "$CTR_TEST_WORK" "$T"
  systemd-run --quiet --unit users-own --uid $USER_ID -p Delegate=yes -p "Environment=XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR HOME=$T/home" \
    /lib/systemd/systemd --user --unit=basic.target
  eventually 60 test -S "$XDG_RUNTIME_DIR/systemd/private"
  eventually 60 as_user systemctl --user is-active basic.target
}
setup() { group=$MANAGER/test.slice/box-$(id).scope; }
teardown() { remove_all; }

limited() {
  config '.process.args = ["sleep", "600"] | .linux.cgroupsPath = $path | .linux.namespaces += [{"type": "user"}] |
    .linux.uidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}] |
    .linux.gidMappings = [{"containerID": 0, "hostID": 4321, "size": 1}] |
    (.mounts[] | select(.type == "devpts") | .options) |= map(select(. != "gid=5")) |
    .linux.resources = {memory: {limit: 67108864}, pids: {limit: 77}}' --arg path "test.slice:box:$(id)"
  runtime run -d -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || { cat "$T/out"; return 1; }
}

@test "rootless: a scope of the user's systemd, with its limits" {
  limited
  [ "$(shown ActiveState)" = active ]
  [ "$(shown MemoryMax)" = 67108864 ]
  grep -qx "$(pid_of "$(id)")" "$group/cgroup.procs"
  [ "$(cat "$group/memory.max")" = 67108864 ]
  [ "$(cat "$group/pids.max")" = 77 ]
  as_user systemctl --user daemon-reload
  [ "$(cat "$group/memory.max")" = 67108864 ]
  runtime exec "$(id)" true </dev/null
  runtime update --pids-limit 55 "$(id)"
  [ "$(cat "$group/pids.max")" = 55 ]
  runtime pause "$(id)"
  [ "$(status_of "$(id)")" = paused ]
  runtime resume "$(id)"
  runtime delete -f "$(id)"
  [ ! -e "$group" ]
  [ "$(shown LoadState)" = not-found ]
}

@test "rootless: without the user's systemd there is an error that says so" {
  config '.linux.cgroupsPath = ":box:b"'
  run as_user env XDG_RUNTIME_DIR="$T/home" "$RUNTIME" --root "$T/state" --systemd-cgroup run -b "$B" "$(id)"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"no user's systemd listens"* ]]
}
