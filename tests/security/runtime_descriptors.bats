# What a payload must not get of ours: descriptors, folders by them, sockets.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() {
  new_bundle
  PAYLOAD=$CTR_TESTS/security/hostile_payload
  cp "$PAYLOAD" "$R/bin/hostile_payload"
}
teardown() {
  [ -z "${listener-}" ] || kill "$listener" 2>/dev/null || true
  end_containers
}

@test "no descriptor but 0, 1 and 2 reaches a payload, in run and in exec" {
  # ls has the folder itself open.
  in_shell 'ls /proc/self/fd | wc -l; while [ -e /wait ]; do sleep 0.1; done'
  run_bundle run
  echo "$output"
  [ "$(tail -n 1 <<<"$output")" = 4 ]
  touch "$R/wait"
  start_bundle exec
  run runtime exec exec sh -c 'ls /proc/self/fd | wc -l' 5</etc/passwd 6</
  rm "$R/wait"
  echo "$output"
  [ "$(tail -n 1 <<<"$output")" = 4 ]
}


# leaky COMMAND…: run by a caller that has 300 descriptors open, none close-on-exec, in it folders of the machine.
leaky() {
  perl -e '$^F = 1 << 20; for (1 .. 300) { open(my $file, "<", $_ % 2 ? "/etc/passwd" : "/proc/self") or die; push @kept, $file }
    opendir(my $folder, "/"); push @kept, $folder; exec @ARGV' -- "$@"
}

have() { grep -o "have .*" <<<"$output" | tr -d '\r\0' | tail -n 1; }

@test "a caller that leaks hundreds of descriptors: none reaches the payload of run, create and start, and exec" {
  configure '.process.args = ["hostile_payload", "descriptors"]'
  run leaky "$RUNTIME" --root "$T/runtime" run --bundle "$B" run
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
  configure '.process.args = ["hostile_payload", "descriptors", "have", "/list"]'
  leaky "$RUNTIME" --root "$T/runtime" create --bundle "$B" made </dev/null >/dev/null 2>&1 3>&-
  leaky "$RUNTIME" --root "$T/runtime" start made </dev/null >/dev/null 2>&1 3>&-
  eventually 10 test -s "$R/list"
  [ "$(cat "$R/list")" = "have 0 1 2" ]
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  run leaky "$RUNTIME" --root "$T/runtime" exec box hostile_payload descriptors
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
}

@test "--preserve-fds passes what was asked for, under its numbers, and nothing beside it" {
  in_shell 'hostile_payload descriptors; cat <&4'
  echo kept >"$T/kept"
  run leaky sh -c 'exec "$@" 3</dev/null 4<"$0"' "$T/kept" "$RUNTIME" --root "$T/runtime" run --preserve-fds 2 --bundle "$B" run
  echo "$output"
  [ "$(have)" = "have 0 1 2 3 4" ]
  [[ $output == *kept* ]]
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  run leaky sh -c 'exec "$@" 3</dev/null 4<"$0"' "$T/kept" "$RUNTIME" --root "$T/runtime" exec --preserve-fds 2 box \
    sh -c 'hostile_payload descriptors; cat <&4'
  echo "$output"
  [ "$(have)" = "have 0 1 2 3 4" ]
  [[ $output == *kept* ]]
}

@test "with a terminal, of run and of exec, no other descriptor comes along" {
  configure '.process.terminal = true | .process.args = ["hostile_payload", "descriptors"]'
  run leaky script -qec "$RUNTIME --root $T/runtime run --bundle $B run" /dev/null </dev/null
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
  configure '.process.terminal = false'
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  run leaky script -qec "$RUNTIME --root $T/runtime exec -t box hostile_payload descriptors" /dev/null </dev/null
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
}

@test "hooks of each kind have 0, 1 and 2, and the payload beside them too" {
  configure 'def h($name): [{path: $program, args: ["hook", "descriptors", $name, $log]}];
    .hooks = {prestart: h("prestart"), createRuntime: h("createRuntime"), createContainer: h("createContainer"),
      startContainer: [{path: "/bin/hostile_payload", args: ["hook", "descriptors", "startContainer", "/list"]}],
      poststart: h("poststart"), poststop: h("poststop")} |
    .process.args = ["hostile_payload", "descriptors"]' --arg program "$PAYLOAD" --arg log "$T/log"
  : >"$T/log"
  run leaky "$RUNTIME" --root "$T/runtime" run --bundle "$B" run
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
  cat "$T/log" "$R/list"
  [ "$(wc -l <"$T/log")" = 5 ]
  [ "$(grep -cE "^[a-zA-Z]+ 0 1 2$" "$T/log")" = 5 ]
  [ "$(cat "$R/list")" = "startContainer 0 1 2" ]
}

@test "with a seccomp listener, its descriptor goes to the listener alone" {
  grep -q ^Seccomp: /proc/self/status || skip "no seccomp in this kernel"
  command -v python3 >/dev/null || skip "no python3"
  # Takes what comes, and answers nothing: the payload makes no such call.
  python3 -c 'import socket, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(8)
kept = []
while True:
    peer, _ = server.accept()
    kept.append((peer, peer.recvmsg(100000, 1000)))' "$T/listener" 3>&- &
  listener=$!
  eventually 10 test -S "$T/listener"
  configure '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
      syscalls: [{names: ["kexec_load"], action: "SCMP_ACT_NOTIFY"}]} |
    .process.args = ["hostile_payload", "descriptors"]' --arg path "$T/listener"
  local privileges
  for privileges in true false; do
    configure ".process.noNewPrivileges = $privileges"
    run leaky timeout 60 "$RUNTIME" --root "$T/runtime" run --bundle "$B" "run$privileges"
    echo "$output"
    [ "$(have)" = "have 0 1 2" ]
  done
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  run leaky timeout 60 "$RUNTIME" --root "$T/runtime" exec box hostile_payload descriptors
  echo "$output"
  [ "$(have)" = "have 0 1 2" ]
}

# A file that only the machine has is not in the output.
inside() { [[ $1 != *"secret of the machine"* ]]; }

@test "CVE-2024-21626: a working folder by a descriptor of ours, in run" {
  echo "secret of the machine" >"$T/secret"
  in_shell 'up=; for _ in 1 2 3 4 5 6 7 8 9; do up=$up../; done; cat "$up"'"$T"'/secret; echo RAN'
  ln -s /proc/self/fd "$R/descriptors"
  local n place
  for n in $(seq 3 20); do
    for place in "/proc/self/fd/$n" "/descriptors/$n" "/proc/self/fd/$n/../.."; do
      configure '.process.cwd = $cwd' --arg cwd "$place"
      run_bundle "cwd$n"
      runtime delete --force "cwd$n" >/dev/null 2>&1 || true
      echo "$place: $status $output"
      [ "$status" != 0 ]
      inside "$output"
      [[ $output != *RAN* ]]
    done
  done
}

@test "CVE-2024-21626: a working folder by a descriptor of ours, in exec" {
  echo "secret of the machine" >"$T/secret"
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  local n
  for n in $(seq 3 20); do
    run runtime exec --cwd "/proc/self/fd/$n" box sh -c "cat ../../../../../../../../../$T/secret; echo RAN"
    echo "$n: $status $output"
    [ "$status" != 0 ]
    inside "$output"
    [[ $output != *RAN* ]]
  done
}

@test "CVE-2020-15257: no abstract socket of ours exists while a container runs" {
  abstract() { awk '$8 ~ /^@/ {print $8}' /proc/net/unix | sort -u; }
  abstract >"$T/before"
  configure '.linux.namespaces |= map(select(.type != "network"))'
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  abstract >"$T/after"
  run runtime exec box awk '$8 ~ /^@/ {print $8}' /proc/net/unix
  diff "$T/before" "$T/after"
  [ "$output" = "$(cat "$T/before")" ]
}
