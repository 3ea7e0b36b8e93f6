# runtime-spec, config.md "POSIX-platform Hooks", runtime.md "Lifecycle".
load "$CTR_TEST_LIB"
load bundle

setup_file() {
  make_bundle
  cat >"$T/hook" <<'END'
#!/bin/sh
# hook LOG NAME: one line with the name, the status and pid of the state on stdin, and the mount namespace.
state=$(cat)
echo "$2 $(echo "$state" | jq -r '"\(.status) \(.id) \(.bundle) \(.pid // "none")"') $(readlink /proc/self/ns/mnt)" >>"$1"
END
  chmod +x "$T/hook"
  cp "$T/hook" "$B/rootfs/bin/hook"
}
setup() { rm -f "$T/log" "$B"/rootfs/tmp/*; }
teardown() { remove_all; }

# The hooks of all kinds; startContainer's runs in the container, where there is no jq.
all_hooks() {
  jq -n --arg hook "$T/hook" --arg log "$T/log" '
    def h($name): [{path: $hook, args: [$hook, $log, $name], env: ["PATH=/usr/bin:/bin"]}];
    {prestart: h("prestart"), createRuntime: h("createRuntime"), createContainer: h("createContainer"),
     startContainer: [{path: "/bin/sh", args: ["sh", "-c", "echo startContainer >>/tmp/log; cat >>/tmp/log"]}],
     poststart: h("poststart"), poststop: h("poststop")}'
}

@test "config.md Hooks: each at its time, in the spec's order" {
  deviates runc "runs poststart hooks in create"
  script 'echo program >>/tmp/log; sleep 600' '.hooks = $hooks' --argjson hooks "$(all_hooks)"
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  [ "$(awk '{print $1}' "$T/log" | xargs)" = "prestart createRuntime createContainer" ]
  [ ! -e "$B/rootfs/tmp/log" ]
  runtime start "$(id)"
  eventually 5 grep -q program "$B/rootfs/tmp/log"
  head -n 1 "$B/rootfs/tmp/log" | grep -q startContainer
  tail -n 1 "$B/rootfs/tmp/log" | grep -q program
  [ "$(awk '{print $1}' "$T/log" | tail -n 1)" = poststart ]
  runtime delete -f "$(id)"
  [ "$(awk '{print $1}' "$T/log" | tail -n 1)" = poststop ]
}

@test "config.md Hooks: the state on stdin" {
  script 'true' '.hooks = {"createRuntime": $hooks.createRuntime, "poststop": $hooks.poststop}' --argjson hooks "$(all_hooks)"
  runtime run -b "$B" "$(id)" </dev/null
  [[ $(sed -n 1p "$T/log") == "createRuntime creat"*" $(id) $B "[0-9]*" mnt:"* ]]
  [[ $(sed -n 2p "$T/log") == "poststop stopped $(id) $B "* ]]
}

@test "config.md Hooks: createRuntime runs in the runtime's namespaces, createContainer in the container's" {
  script 'true' '.hooks = {"createRuntime": $hooks.createRuntime, "createContainer": $hooks.createContainer}' \
    --argjson hooks "$(all_hooks)"
  runtime run -b "$B" "$(id)" </dev/null
  grep createRuntime "$T/log" | grep -qF "$(readlink /proc/self/ns/mnt)"
  if grep createContainer "$T/log" | grep -qF "$(readlink /proc/self/ns/mnt)"; then return 1; fi
}

@test "runtime.md Lifecycle: a createRuntime hook that fails ends the creation, and nothing is left" {
  script 'touch /tmp/ran' '.hooks = {"createRuntime": [{"path": "/bin/false"}]}'
  run run_bundle
  [ "$status" != 0 ]
  [ ! -e "$B/rootfs/tmp/ran" ]
  run runtime state "$(id)"
  [ "$status" != 0 ]
}

@test "runtime.md Lifecycle: a createContainer or startContainer hook that fails ends it too" {
  for kind in createContainer startContainer; do
    script 'touch /tmp/ran' ".hooks = {\"$kind\": [{\"path\": \"/bin/false\"}]}"
    run run_bundle
    [ "$status" != 0 ]
    [ ! -e "$B/rootfs/tmp/ran" ]
    runtime delete -f "$(id)" 2>/dev/null || true
  done
}

@test "runtime.md Lifecycle: a poststop hook that fails is no error" {
  deviates runc "runs no hook after it"
  script 'true' '.hooks = {"poststop": [{"path": "/bin/false"}, {"path": "/bin/touch", "args": ["touch", $file]}]}' \
    --arg file "$T/after-false"
  run run_bundle
  [ "$status" = 0 ]
  [ -e "$T/after-false" ]
}

@test "config.md Hooks: one beyond its timeout is killed, and has failed" {
  script 'true' '.hooks = {"createRuntime": [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]}'
  SECONDS=0
  run run_bundle
  [ "$status" != 0 ]
  [ "$SECONDS" -lt 20 ]
}

# A hook of each kind that records its name; startContainer's by the container's own shell.
# It reads its stdin, as crun waits for that.
recorder() { echo "{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >/dev/null; echo $1 >>$2\"]}"; }

@test "config.md Hooks: those of one kind in their order" {
  script 'true' ".hooks = {createRuntime: [$(recorder one "$T/log"), $(recorder two "$T/log"), $(recorder three "$T/log")],
    poststop: [$(recorder four "$T/log"), $(recorder five "$T/log")]}"
  runtime run -b "$B" "$(id)" </dev/null
  [ "$(xargs <"$T/log")" = "one two three four five" ]
}

@test "config.md Hooks: args with argv[0] of their own, and env as it stands" {
  printf '#!/bin/sh\ncat >/dev/null\nprintf "%%s|" "$@" >>/tmp/seen\n' >"$B/rootfs/bin/arguments"
  printf '#!/bin/sh\ncat >/dev/null\nprintf "%%s|" "$@" "$A" "${HOSTILE-unset}" >>%s\n' "$T/log" >"$T/arguments"
  chmod 755 "$T/arguments" "$B/rootfs/bin/arguments"
  rm -f "$B/rootfs/tmp/seen"
  script 'true' '.hooks = {createRuntime: [{path: $path, args: ["zero", "one two", ""], env: ["A=b c"]}],
    startContainer: [{path: "/bin/arguments", args: ["zero", "three"]}]}' --arg path "$T/arguments"
  HOSTILE=inherited runtime run -b "$B" "$(id)" </dev/null
  [ "$(cat "$T/log")" = "one two||b c|unset|" ]
  [ "$(cat "$B/rootfs/tmp/seen")" = "three|" ]
}

@test "config.md Hooks: startContainer's path is the container's, and it runs in its namespaces" {
  script 'for n in mnt pid net uts ipc; do readlink /proc/self/ns/$n; done >/tmp/program' \
    '.hooks = {startContainer: [{path: "/bin/busybox", args: ["sh", "-c",
      "cat >/dev/null; for n in mnt pid net uts ipc; do busybox readlink /proc/self/ns/$n; done >/tmp/hook"], env: ["PATH=/bin"]}]}'
  runtime run -b "$B" "$(id)" </dev/null
  [ "$(wc -l <"$B/rootfs/tmp/hook")" = 5 ]
  diff "$B/rootfs/tmp/program" "$B/rootfs/tmp/hook"
}

@test "config.md Hooks: createContainer's path is the runtime's, before the root is changed" {
  printf '#!/bin/sh\ncat >/dev/null\nls -d %s/rootfs/bin/busybox >>%s\n' "$B" "$T/log" >"$T/outside"
  chmod 755 "$T/outside"
  script 'true' '.hooks = {createContainer: [{path: $path}]}' --arg path "$T/outside"
  runtime run -b "$B" "$(id)" </dev/null
  [ "$(cat "$T/log")" = "$B/rootfs/bin/busybox" ]
}

@test "config.md Hooks: a path that is not absolute is an error" {
  deviates runc "takes one"
  deviates crun "takes one"
  for kind in createRuntime createContainer startContainer poststop; do
    script 'touch /tmp/ran' ".hooks = {$kind: [{path: \"true\"}]}"
    run run_bundle
    [ "$status" != 0 ]
    [ ! -e "$B/rootfs/tmp/ran" ]
  done
}

@test "config.md Hooks: a timeout that is not above zero is an error" {
  deviates crun "takes it"
  for timeout in 0 -1; do
    script 'true' ".hooks = {createRuntime: [{path: \"/bin/true\", timeout: $timeout}]}"
    run run_bundle
    [ "$status" != 0 ]
  done
}

@test "config.md Hooks: a timeout holds for a hook of the container's side too" {
  for kind in createContainer startContainer; do
    script 'touch /tmp/ran' ".hooks = {$kind: [{path: \"/bin/sleep\", args: [\"sleep\", \"100\"], timeout: 1}]}"
    SECONDS=0
    run run_bundle
    [ "$status" != 0 ]
    [ "$SECONDS" -lt 20 ]
    [ ! -e "$B/rootfs/tmp/ran" ]
    runtime delete -f "$(id)" 2>/dev/null || true
  done
}

@test "runtime.md State: each kind of hook sees the status of its time" {
  deviates runc "runs poststart hooks in create"
  deviates crun "tells the hooks of create 'created'"
  script 'true' '.hooks = $hooks' --argjson hooks "$(all_hooks)"
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime start "$(id)"
  eventually 5 stopped
  runtime delete "$(id)"
  for kind in prestart createRuntime createContainer; do [ "$(awk -v k=$kind '$1 == k {print $2}' "$T/log")" = creating ]; done
  [ "$(sed -n 2p "$B/rootfs/tmp/log" | jq -r .status)" = created ]
  [ "$(awk '$1 == "poststart" {print $2}' "$T/log")" = running ]
  [ "$(awk '$1 == "poststop" {print $2}' "$T/log")" = stopped ]
}
stopped() { [ "$(status_of "$(id)")" = stopped ]; }

@test "runtime.md Lifecycle: after a hook of create that fails, what was made is undone, and the poststop hooks run" {
  deviates crun "runs no poststop hook then"
  for kind in prestart createRuntime createContainer; do
    rm -f "$T/log"
    script 'touch /tmp/ran' ".hooks = {$kind: [{path: \"/bin/false\"}, $(recorder second "$T/log")],
      poststop: [$(recorder poststop "$T/log")]}"
    run runtime create -b "$B" "$(id)" </dev/null 3>&-
    [ "$status" != 0 ]
    # The hooks behind it do not run.
    [ "$(cat "$T/log")" = poststop ]
    run runtime state "$(id)"
    [ "$status" != 0 ]
    [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
  done
}

@test "runtime.md Lifecycle: a startContainer hook that fails: start is an error, the program does not run, the container ends" {
  deviates runc "leaves what it made for delete"
  deviates crun "leaves what it made for delete"
  script 'touch /tmp/ran' ".hooks = {startContainer: [{path: \"/bin/false\"}], poststop: [$(recorder poststop "$T/log")]}"
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  run runtime start "$(id)"
  [ "$status" != 0 ]
  [ ! -e "$B/rootfs/tmp/ran" ]
  run runtime state "$(id)"
  [ "$status" != 0 ]
  [ "$(cat "$T/log")" = poststop ]
  [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
}

@test "runtime.md Lifecycle: a poststart hook that fails: an error, and the container is destroyed" {
  deviates runc "runs poststart hooks in create"
  deviates crun "warns and lets the container run, as 1.0.2 of the spec said"
  script 'sleep 600' ".hooks = {poststart: [{path: \"/bin/false\"}], poststop: [$(recorder poststop "$T/log")]}"
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  run runtime start "$(id)"
  [ "$status" != 0 ]
  run runtime state "$(id)"
  [ "$status" != 0 ]
  [ "$(cat "$T/log")" = poststop ]
  rm "$T/log"
  run run_bundle
  [ "$status" != 0 ]
  [ "$(cat "$T/log")" = poststop ]
  [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
}

@test "config.md Hooks: a hook that cannot be executed is an error that names it" {
  for kind in createRuntime startContainer; do
    script 'touch /tmp/ran' ".hooks = {$kind: [{path: \"/no/such/hook\"}]}"
    run run_bundle
    [ "$status" != 0 ]
    [[ $output == *"/no/such/hook"* ]]
    [ ! -e "$B/rootfs/tmp/ran" ]
    runtime delete -f "$(id)" 2>/dev/null || true
  done
}
