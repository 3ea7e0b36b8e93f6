# What can be done to a running container's cgroup on any host, whatever controllers it has: pause and resume, ps, events,
# update's errors. Runs on runc and crun too (RUNTIME=/path).
# shellcheck disable=SC2016,SC2154  # scripts for the container; bats' own variables
load "$CTR_TEST_LIB"
load ../conformance/bundle

setup_file() { make_bundle; }
teardown() {
  local name
  for name in $(runtime list -q 2>/dev/null); do runtime resume "$name" >/dev/null 2>&1 || true; done
  remove_all
}

# Counts as long as it runs.
counting() {
  script 'i=0; while :; do i=$((i + 1)); echo $i >/tmp/count; usleep 10000; done'
  rm -f "$B/rootfs/tmp/count"
  runtime run -d -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  eventually 20 test -s "$B/rootfs/tmp/count"
}
# at_once ARGUMENT…: the runtime ends soon, with $code and words in $T/said. What hangs in a paused cgroup would hold a pipe.
at_once() {
  code=0
  timeout -s KILL 20 "$RUNTIME" --root "$T/runtime" "$@" >"$T/said" 2>&1 </dev/null 3>&- || code=$?
  cat "$T/said"
  [ "$code" != 137 ]
}
count() { cat "$B/rootfs/tmp/count"; }
stopped() { [ "$(status_of "$(id)")" = stopped ]; }
counts_on() { [ "$(count)" != "$1" ]; }

@test "pause: nothing runs when it returns, and the state says so; resume: it goes on" {
  counting
  runtime pause "$(id)"
  [ "$(status_of "$(id)")" = paused ]
  [ "$(runtime list -f json | jq -r '.[].status')" = paused ]
  local before
  before=$(count)
  sleep 0.3
  [ "$(count)" = "$before" ]
  runtime resume "$(id)"
  [ "$(status_of "$(id)")" = running ]
  eventually 20 counts_on "$before"
}

@test "pause of one that is paused or stopped, resume of one that is not paused: an error" {
  counting
  run runtime resume "$(id)"
  [ "$(runtime_name)" = crun ] || [ "$status" != 0 ] # crun takes it
  runtime pause "$(id)"
  run runtime pause "$(id)"
  [ "$(runtime_name)" = crun ] || [ "$status" != 0 ]
  runtime resume "$(id)"
  runtime kill "$(id)" KILL
  eventually 20 stopped
  run runtime pause "$(id)"
  [ "$status" != 0 ]
}

@test "exec into a paused container is an error at once, and waits where that is asked for" {
  counting
  runtime pause "$(id)"
  at_once exec "$(id)" true
  [ "$code" != 0 ]
  grep -q paus "$T/said"
  [ "$(runtime_name)" != crun ] || return 0 # it has no such option
  runtime exec --ignore-paused "$(id)" sh -c 'echo ran >/tmp/went' </dev/null 3>&- &
  local waiting=$!
  sleep 0.5
  [ ! -e "$B/rootfs/tmp/went" ]
  runtime resume "$(id)"
  wait "$waiting"
  [ -e "$B/rootfs/tmp/went" ]
  rm "$B/rootfs/tmp/went"
}

@test "kill and delete --force reach a paused container" {
  counting
  runtime pause "$(id)"
  runtime kill "$(id)" KILL
  eventually 20 stopped
  runtime delete "$(id)"
  counting
  runtime pause "$(id)"
  runtime delete --force "$(id)"
  [ -z "$(find /sys/fs/cgroup -name "$(id)")" ]
}

@test "a created container is paused too, and not started meanwhile" {
  deviates crun 'starts it and waits for ever'
  deviates runc 'starts it and waits for ever'
  script 'echo ran >/tmp/ran; sleep 600'
  runtime create -b "$B" "$(id)" </dev/null >/dev/null 2>&1 3>&-
  runtime pause "$(id)"
  at_once start "$(id)"
  [ "$code" = 1 ]
  grep -q paused "$T/said"
  [ ! -e "$B/rootfs/tmp/ran" ]
  runtime resume "$(id)"
  [ "$(status_of "$(id)")" = created ]
  runtime start "$(id)"
  eventually 20 test -e "$B/rootfs/tmp/ran"
  rm "$B/rootfs/tmp/ran"
}

@test "ps: the processes of the container and no others, as JSON and by ps(1)" {
  counting
  local first
  first=$(pid_of "$(id)")
  run runtime ps -f json "$(id)"
  echo "$output"
  [ "$status" = 0 ]
  [ "$(jq -r 'map(select(. == '"$first"')) | length' <<<"$output")" = 1 ]
  [ "$(jq -r 'map(select(. == '"$$"')) | length' <<<"$output")" = 0 ]
  [ "$(runtime_name)" != crun ] || return 0 # it has no table of ps(1)
  ps -ef >/dev/null 2>&1 || skip "no ps(1) that works here"
  run runtime ps "$(id)"
  echo "$output"
  [[ ${lines[0]} == *PID* ]]
  [[ $output == *"$first"* ]]
  run runtime ps "$(id)" -eo pid,comm
  echo "$output"
  [[ ${lines[0]} == *PID*COMMAND* ]]
  grep -Eq "^ *$first " <<<"$output"
  if grep -Eq "^ *$$ " <<<"$output"; then false; fi
  run runtime ps "$(id)" -eo comm
  [ "$status" != 0 ]
}

@test "events --stats: runc's JSON, once" {
  deviates crun 'has no events'
  counting
  run runtime events --stats "$(id)"
  echo "$output"
  [ "$status" = 0 ]
  jq -e --arg id "$(id)" '.type == "stats" and .id == $id and (.data.cpu.usage.total | type) == "number" and
    (.data.memory.usage | has("limit")) and (.data.pids | has("current"))' <<<"$output"
  run runtime events --interval 0s "$(id)"
  [ "$status" != 0 ]
  run runtime events --interval soon "$(id)"
  [ "$status" != 0 ]
}

@test "events: statistics at the interval, until the container ends" {
  deviates crun 'has no events'
  grep -qw memory /sys/fs/cgroup/cgroup.controllers || deviates runc 'needs the memory controller'
  counting
  runtime events --interval 100ms "$(id)" >"$T/events" 2>"$T/errors" 3>&- &
  local events=$!
  twice() { [ "$(jq -r .type "$T/events" | grep -c stats)" -ge 2 ]; }
  eventually 30 twice
  runtime kill "$(id)" KILL
  local code=0
  wait "$events" || code=$?
  cat "$T/errors"
  [ "$code" = 0 ]
}

@test "update: bad numbers, an absent controller and a stopped container are errors that name them" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "others say it in their own words"
  counting
  fails_with 1 "--memory 'much' is not" runtime update --memory much "$(id)"
  fails_with 1 "--cpu-quota '1x' is not" runtime update --cpu-quota 1x "$(id)"
  fails_with 1 "cpu.realtimeRuntime" runtime update --cpu-rt-runtime 1000 "$(id)"
  echo '{"memory": {"limit": "x"}}' >"$T/resources"
  fails_with 1 "memory.limit" runtime update -r "$T/resources" "$(id)"
  if ! grep -qw memory /sys/fs/cgroup/cgroup.controllers; then
    fails_with 1 "memory.limit needs the memory controller" runtime update --memory 64m --memory-swap 64m "$(id)"
  fi
  runtime kill "$(id)" KILL
  eventually 20 stopped
  fails_with 1 "has ended" runtime update --memory 64m "$(id)"
}
