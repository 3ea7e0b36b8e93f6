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
setup() { rm -f "$T/log" "$B/rootfs/tmp/log"; }
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
