# runtime-spec, runtime.md: operations, state and lifecycle.
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() { remove_all; }

create() { runtime create -b "$B" "$1" </dev/null >/dev/null 2>&1 3>&-; }

@test "runtime.md Create: everything is there but the program has not run" {
  script 'echo ran >/tmp/ran; sleep 600'
  create "$(id)"
  [ "$(status_of "$(id)")" = created ]
  [ ! -e "$B/rootfs/tmp/ran" ]
  [ -d "/proc/$(pid_of "$(id)")" ]
}

@test "runtime.md Create: an id in use is an error and leaves its container alone" {
  config '.process.args = ["sleep", "600"]'
  create "$(id)"
  run create "$(id)"
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = created ]
}

@test "runtime.md Create: a change to config.json afterwards has no effect" {
  script 'echo first >/tmp/which'
  create "$(id)"
  script 'echo second >/tmp/which'
  runtime start "$(id)"
  eventually 5 test -s "$B/rootfs/tmp/which"
  [ "$(cat "$B/rootfs/tmp/which")" = first ]
  rm "$B/rootfs/tmp/which"
}

@test "runtime.md Create: what cannot be applied is an error and leaves nothing" {
  config '.mounts += [{"destination": "/x", "type": "bind", "source": "/does/not/exist", "options": ["bind"]}]'
  run create "$(id)"
  [ "$status" != 0 ]
  run runtime state "$(id)"
  [ "$status" != 0 ]
  [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
}

@test "runtime.md Start: runs the program" {
  script 'echo hello >/tmp/hello; sleep 600'
  create "$(id)"
  runtime start "$(id)"
  eventually 5 test -s "$B/rootfs/tmp/hello"
  [ "$(status_of "$(id)")" = running ]
  rm "$B/rootfs/tmp/hello"
}

@test "runtime.md Start: a container that does not exist, or that is running or stopped, is an error" {
  run runtime start nonesuch
  [ "$status" != 0 ]
  sleeping
  run runtime start "$(id)"
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = running ]
  runtime kill "$(id)" KILL
  eventually 5 stopped
  run runtime start "$(id)"
  [ "$status" != 0 ]
}
stopped() { [ "$(status_of "$(id)")" = stopped ]; }

@test "runtime.md Start: a program that does not exist is an error of start or create" {
  config '.process.args = ["/no/such/program"]'
  run create "$(id)"
  if [ "$status" = 0 ]; then
    run runtime start "$(id)"
    [ "$status" != 0 ]
  fi
}

@test "runtime.md State: ociVersion, id, status, pid and bundle" {
  sleeping "$(id)" '.annotations = {"org.example": "x"}'
  run runtime state "$(id)"
  [ "$status" = 0 ]
  [ "$(jq -r .id <<<"$output")" = "$(id)" ]
  [ "$(jq -r .bundle <<<"$output")" = "$B" ]
  [ "$(jq -r .status <<<"$output")" = running ]
  [ "$(jq -r '.annotations["org.example"]' <<<"$output")" = x ]
  [[ $(jq -r .ociVersion <<<"$output") == 1.* ]]
  grep -q sleep "/proc/$(jq -r .pid <<<"$output")/cmdline"
}

@test "runtime.md State: a container that does not exist is an error" {
  run runtime state nonesuch
  [ "$status" != 0 ]
}

@test "runtime.md Kill: sends the signal that is named, TERM by default" {
  script 'trap "echo usr1 >/tmp/signal; exit" USR1; trap "echo term >/tmp/signal; exit" TERM; touch /tmp/ready; while :; do sleep 0.05; done'
  for signal in USR1 ''; do
    rm -f "$B/rootfs/tmp/ready" "$B/rootfs/tmp/signal"
    runtime run -d -b "$B" "$(id "$signal")" </dev/null >/dev/null 2>&1 3>&-
    eventually 5 test -e "$B/rootfs/tmp/ready"
    runtime kill "$(id "$signal")" $signal
    eventually 5 test -s "$B/rootfs/tmp/signal"
    case $signal in USR1) [ "$(cat "$B/rootfs/tmp/signal")" = usr1 ] ;; *) [ "$(cat "$B/rootfs/tmp/signal")" = term ] ;; esac
  done
}

@test "runtime.md Kill: neither created nor running is an error, without any effect" {
  config '.process.args = ["true"]'
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 5 stopped
  run runtime kill "$(id)" TERM
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = stopped ]
  run runtime kill nonesuch TERM
  [ "$status" != 0 ]
}

@test "runtime.md Delete: what create made is gone, what it did not make stays" {
  sleeping
  runtime kill "$(id)" KILL
  eventually 5 stopped
  runtime delete "$(id)"
  run runtime state "$(id)"
  [ "$status" != 0 ]
  [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
  [ -x "$B/rootfs/bin/busybox" ]
  # The id may be used again.
  sleeping
}

@test "runtime.md Delete: a container that is not stopped is an error, without any effect" {
  sleeping
  run runtime delete "$(id)"
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = running ]
  config '.process.args = ["true"]'
  create "$(id b)"
  run runtime delete nonesuch
  [ "$status" != 0 ]
}

@test "runtime.md: a failed operation leaves the container in its state" {
  deviates crun "takes an unknown signal"
  sleeping
  run runtime kill "$(id)" NOSUCHSIGNAL
  [ "$status" != 0 ]
  [ "$(status_of "$(id)")" = running ]
}

@test "run: the program's exit code, and its output" {
  script 'echo out; echo err >&2; exit 7'
  run run_bundle
  [ "$status" = 7 ]
  [[ $output == *out* && $output == *err* ]]
}

@test "exec: joins the container" {
  sleeping
  run runtime exec "$(id)" sh -c 'hostname; ps | grep -c "sleep 600"; exit 3'
  [ "$status" = 3 ]
  [ "${lines[0]}" = box ]
  [ "${lines[1]}" -ge 1 ]
}

@test "create --pid-file holds the pid" {
  config '.process.args = ["sleep", "600"]'
  runtime create --pid-file "$T/pid" -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  [ "$(cat "$T/pid")" = "$(pid_of "$(id)")" ]
}
