# What each option of run does, seen from inside.
# shellcheck disable=SC2016  # what stands in single quotes is for the container, a template or eval
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
  mkdir -p "$T/shared"
  echo from-host >"$T/shared/file"
}

inside() { ctr run --rm "$@"; }

@test "results on stdout, errors on stderr, exit codes" {
  ctr run --rm busybox sh -c 'echo out; echo err >&2; exit 9' >"$T/out" 2>"$T/err" || status=$?
  [ "$status" = 9 ]
  [ "$(cat "$T/out")" = out ]
  [ "$(cat "$T/err")" = err ]
  # pid 1 of a pid namespace is safe from its own signals, so it is its child that dies (pid_namespaces(7)).
  run inside busybox sh -c 'sh -c "kill -9 \$\$"; exit $?'
  [ "$status" = 137 ]
}

@test "-e, --env-file, -w, -u, --hostname, --entrypoint" {
  printf '# remark\nFROM_FILE="as it is"\nPASSED\n' >"$T/env"
  PASSED=yes run inside --env-file "$T/env" -e A=1 -e PASSED busybox env
  [[ $output == *'FROM_FILE="as it is"'* ]]
  [[ $output == *A=1* ]]
  [[ $output == *PASSED=yes* ]]
  [ "$(inside -w /made/here busybox pwd)" = /made/here ]
  [ "$(inside -u 1000:2000 busybox id -u)" = 1000 ]
  [ "$(inside -u user busybox id -un)" = user ]
  [ "$(inside --hostname box busybox hostname)" = box ]
  [ "$(inside --entrypoint echo busybox a b)" = "a b" ]
  [ "$(inside --entrypoint '' busybox echo c)" = c ]
}

@test "-v and --mount: both ways, read-only, made where missing" {
  [ "$(inside -v "$T/shared:/s" busybox cat /s/file)" = from-host ]
  inside -v "$T/shared:/s" busybox sh -c 'echo back >/s/back'
  [ "$(cat "$T/shared/back")" = back ]
  run inside -v "$T/shared:/s:ro" busybox touch /s/no
  [ "$status" != 0 ]
  [[ $output == *"Read-only file system"* ]]
  [ "$(inside --mount "type=bind,src=$T/shared/file,dst=/f,readonly" busybox cat /f)" = from-host ]
  inside -v "$T/shared/made:/m" busybox true
  [ -d "$T/shared/made" ]
  (cd "$T" && [ "$("$CTR" --root "$T/root" --run-root "$T/run" run --rm -v ./shared:/s busybox cat /s/file)" = from-host ])
}

@test "--read-only and --tmpfs" {
  run inside --read-only busybox touch /x
  [[ $output == *"Read-only file system"* ]]
  inside --read-only --tmpfs /t:size=1m busybox sh -c 'echo x >/t/x'
  [[ $(inside --tmpfs /t:size=1m,mode=700 busybox stat -c %a /t) == 700 ]]
}

@test "--memory, --cpus, --pids-limit are written to the cgroup" {
  grep -qw memory /sys/fs/cgroup/cgroup.controllers || skip "no memory controller here"
  grep -qw cpu /sys/fs/cgroup/cgroup.controllers || skip "no cpu controller here"
  grep -qw pids /sys/fs/cgroup/cgroup.controllers || skip "no pids controller here"
  run inside -m 64m --cpus 0.5 --pids-limit 33 busybox cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max
  [ "${lines[0]}" = 67108864 ]
  [ "${lines[1]}" = "50000 100000" ]
  [ "${lines[2]}" = 33 ]
}

@test "capabilities: the default set, added, dropped, none for a user" {
  [ "$(inside busybox grep CapEff /proc/self/status | cut -f2)" = 00000000a80425fb ]
  [ "$(inside --cap-drop ALL busybox grep CapEff /proc/self/status | cut -f2)" = 0000000000000000 ]
  [ "$(inside --cap-drop ALL --cap-add CHOWN busybox grep CapEff /proc/self/status | cut -f2)" = 0000000000000001 ]
  [ "$(inside -u 1000 busybox grep CapEff /proc/self/status | cut -f2)" = 0000000000000000 ]
}

@test "--security-opt no-new-privileges, seccomp" {
  [ "$(inside --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status | cut -f2)" = 1 ]
  [ "$(inside busybox grep '^Seccomp:' /proc/self/status | cut -f2)" = 2 ]
  [ "$(inside --security-opt seccomp=unconfined busybox grep '^Seccomp:' /proc/self/status | cut -f2)" = 0 ]
}

@test "--privileged" {
  full=$(grep CapBnd /proc/self/status | cut -f2)
  [ "$(inside --privileged busybox grep CapEff /proc/self/status | cut -f2)" = "$full" ]
}

@test "--network: none has a loopback alone, host has the caller's" {
  [ "$(inside busybox ip -o link show up | wc -l)" = 1 ]
  # -f and 3>&-: bats waits for whoever holds its descriptor 3.
  busybox httpd -f -p 127.0.0.1:8099 -h "$T/shared" 3>&- &
  server=$!
  eventually 5 busybox wget -q -O /dev/null http://127.0.0.1:8099/file
  [ "$(inside --network host busybox wget -qO- http://127.0.0.1:8099/file)" = from-host ]
  fails_with 1 "Connection refused" inside busybox wget -qO- http://127.0.0.1:8099/file
  kill "$server"
}

@test "--init: pid 1 is the init, which passes signals on and reaps" {
  [ "$(inside --init busybox sh -c 'echo $$')" != 1 ]
  # At once: a signal that comes before the init is ready is not lost, although a namespace's pid 1 ignores what it does
  # not handle. What the program itself does not see yet ends it.
  for _ in 1 2 3 4 5; do
    ctr run -d --init --name inited busybox sleep 1000
    ctr stop -t 60 inited
    [ "$(ctr inspect -f '{{.State.ExitCode}}' inited)" = 143 ]
    ctr rm inited
  done
  [ "$(inside --init busybox grep SigBlk /proc/self/status | cut -f2)" = 0000000000000000 ]
}

@test "create, start, stop, kill, wait, logs, rm" {
  id=$(ctr create --name life --stop-signal USR1 busybox sh -c 'trap "echo asked; exit 4" USR1; echo begun; while :; do sleep 0.1; done')
  [ "$(ctr inspect -f '{{.State.Status}}' life)" = created ]
  [ "$(ctr start life)" = life ]
  eventually 5 eval '[ "$(ctr logs life)" = begun ]'
  [ "$(ctr stop life)" = life ]
  [ "$(ctr wait life)" = 4 ]
  [ "$(ctr logs life | tail -1)" = asked ]
  [ "$(ctr logs --tail 1 life)" = asked ]
  [[ $(ctr logs -t --tail 1 life) =~ ^20[0-9-]+T[0-9:.]+Z\ asked$ ]]
  ctr start life
  [ "$(ctr kill life)" = life ]
  [ "$(ctr wait life)" = 137 ]
  fails_with 1 "life" ctr kill life
  timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" start -a life >"$T/attached" &
  client=$!
  eventually 5 grep -q begun "$T/attached"
  ctr kill -s USR1 life
  status=0
  wait "$client" || status=$?
  [ "$status" = 4 ]
  [ "$(tail -1 "$T/attached")" = asked ]
  ctr rm life
  [ -z "$(ctr ps -aq --no-trunc -f id="$id")" ]
}

@test "start -a and -i: output, input and exit code of each run" {
  ctr create -i --name again busybox sh -c 'read line; echo "got <$line>"; exit 5'
  for word in one two; do
    run ctr start -ai again <<<"$word"
    [ "$status" = 5 ]
    [ "$output" = "got <$word>" ]
  done
  ctr rm again
}

@test "a client that does not read keeps nobody waiting: stop, start, rm -f" {
  mkfifo "$T/fifo"
  sleep 1000 <>"$T/fifo" 3>&- &
  reader=$!
  # Twice the same count of logged bytes: nobody takes output any more.
  stands() {
    local log before
    log=$(ctr inspect -f '{{.LogPath}}' stuck)
    before=$(stat -c %i.%s "$log")
    sleep 0.3
    [ "$before" = "$(stat -c %i.%s "$log")" ]
  }
  for out in "$T/stopped" "$T/fifo"; do
    "$CTR" --root "$T/root" --run-root "$T/run" run --name stuck busybox \
      sh -c 'if mkdir /begun; then exec yes; fi; exec sleep 1000' >"$out" 3>&- &
    client=$!
    eventually 20 ctr exec stuck test -d /begun
    [ "$out" = "$T/fifo" ] || kill -STOP "$client"
    eventually 20 stands
    timeout 30 "$CTR" --root "$T/root" --run-root "$T/run" stop -t 0 stuck
    timeout 30 "$CTR" --root "$T/root" --run-root "$T/run" start stuck
    [ "$(ctr inspect -f '{{.State.Status}}' stuck)" = running ]
    timeout 30 "$CTR" --root "$T/root" --run-root "$T/run" rm -f stuck
    [ -z "$(ctr ps -aq -f name=stuck)" ]
    kill -KILL "$client"
    wait "$client" || true
  done
  kill "$reader"
}

@test "a running container is not removed without -f" {
  ctr run -d --name runs busybox sleep 100
  fails_with 1 "runs" ctr rm runs
  ctr rm -f runs
}

@test "logs: streams apart, follow ends with the container" {
  ctr run -d --name talks busybox sh -c 'for i in 1 2 3; do echo o$i; echo e$i >&2; sleep 0.2; done'
  timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" logs -f talks >"$T/o" 2>"$T/e"
  [ "$(tr '\n' ' ' <"$T/o")" = "o1 o2 o3 " ]
  [ "$(tr '\n' ' ' <"$T/e")" = "e1 e2 e3 " ]
  [ -z "$(ctr logs --since 0s talks 2>&1)" ] || true
  ctr rm talks
}

@test "exec: environment, user, folder, stdin, exit code, detached" {
  ctr run -d --name host -e A=1 busybox sleep 100
  [ "$(ctr exec -e B=2 host sh -c 'echo $A$B')" = 12 ]
  [ "$(ctr exec -u 1000 host id -u)" = 1000 ]
  [ "$(ctr exec -w /tmp host pwd)" = /tmp ]
  [ "$(echo typed | ctr exec -i host cat)" = typed ]
  run ctr exec host sh -c 'exit 6'
  [ "$status" = 6 ]
  ctr exec -d host touch /tmp/was-here
  eventually 5 ctr exec host test -e /tmp/was-here
  ctr rm -f host
}

@test "exec: a client that is stopped does not keep the container from ending, one that is killed leaves its command" {
  ctr run -d --name host busybox sleep 1000
  runs() { ctr exec host ps | grep -q "$1"; }
  "$CTR" --root "$T/root" --run-root "$T/run" exec host sleep 1001 3>&- &
  client=$!
  eventually 10 runs 'sleep 1001'
  kill -KILL "$client"
  wait "$client" || true
  runs 'sleep 1001'
  "$CTR" --root "$T/root" --run-root "$T/run" exec host sleep 1002 3>&- &
  client=$!
  eventually 10 runs 'sleep 1002'
  kill -STOP "$client"
  timeout 30 "$CTR" --root "$T/root" --run-root "$T/run" rm -f host
  kill -CONT "$client"
  status=0
  wait "$client" || status=$?
  [ "$status" = 137 ]
}

@test "signals to ctr reach the container" {
  "$CTR" --root "$T/root" --run-root "$T/run" run --rm --name sig busybox sh -c 'trap "exit 8" TERM; while :; do sleep 0.1; done' 3>&- &
  pid=$!
  eventually 10 eval '[ -n "$(ctr ps -q -f name=sig)" ]'
  sleep 0.5
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" = 8 ]
}

@test "--rm leaves nothing, names can be used again" {
  ctr run --rm --name again busybox true
  ctr run --rm --name again busybox true
  [ -z "$(ctr ps -aq -f name=again)" ]
}

@test "--label and --name are seen" {
  ctr create --name labelled -l x=y busybox true
  [ "$(ctr ps -a -f label=x=y --format '{{.Names}}')" = labelled ]
  ctr rm labelled
}

@test "the caller's umask shuts nobody out, and mount points leave no trace" {
  [ "$(umask 077; inside -u 1000 busybox sh -c 'cat /etc/hosts >/dev/null && stat -c %a /')" = 755 ]
  ctr run --name traces busybox true
  [ -z "$(ls -A "$(ctr inspect -f '{{.GraphDriver.Data.UpperDir}}' traces)")" ]
  ctr rm traces
}
