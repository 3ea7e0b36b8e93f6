# Terminals: -it, sizes, raw mode, detach keys. By script(1), which gives the command a real one, and tmux.
# shellcheck disable=SC2016  # what stands in single quotes is for the container, a template or eval
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
}

# on_terminal WORDS…: ctr with these in a terminal of its own; stdin is what is typed.
on_terminal() {
  local words
  printf -v words ' %q' "$@"
  script -qec "'$CTR' --root '$T/root' --run-root '$T/run'$words" /dev/null
}

@test "-t without a terminal says so, and makes no container" {
  fails_with 125 "the input device is not a TTY" ctr run --rm -it --name no-tty busybox true
  [ -z "$(ctr ps -aq -f name=no-tty)" ]
}

@test "-it: the container has a terminal, and what is typed arrives" {
  run on_terminal run --rm -it busybox sh -c 'tty; read line; echo "got <$line>"' < <(sleep 1; echo hello; sleep 1)
  [ "$status" = 0 ]
  [[ $output == *"/dev/pts/0"* ]]
  [[ $output == *"got <hello>"* ]]
}

@test "-it: exit codes pass" {
  run on_terminal run --rm -it busybox sh -c 'exit 7' < <(sleep 1)
  [ "$status" = 7 ]
}

@test "-t alone gives a terminal and no stdin" {
  run ctr run --rm -t busybox sh -c 'test -t 1 && echo terminal'
  [ "$status" = 0 ]
  [[ $output == terminal* ]]
}

@test "-i alone passes a pipe through, to its end" {
  run bash -c "seq 100000 | '$CTR' --root '$T/root' --run-root '$T/run' run --rm -i busybox wc -l"
  [ "$status" = 0 ]
  [ "$output" = 100000 ]
}

@test "without -i the container reads nothing" {
  run bash -c "echo not-for-it | '$CTR' --root '$T/root' --run-root '$T/run' run --rm busybox wc -c"
  [ "$output" = 0 ]
}

@test "ctrl-c goes to the container's shell, which goes on" {
  run on_terminal run --rm -it busybox sh < <(sleep 1; printf 'sleep 100\n'; sleep 1; printf '\003'; sleep 0.5; printf 'echo sti''ll-here\n'; sleep 0.5; printf 'exit 5\n'; sleep 1)
  [ "$status" = 5 ]
  [[ $output == *still-here* ]]
}

@test "detach keys leave it running" {
  run on_terminal run -it --name left busybox sh < <(sleep 1; printf '\020\021'; sleep 1)
  [ "$status" = 0 ]
  [ "$(ctr ps -q -f name=left | wc -l)" = 1 ]
  ctr rm -f left
}

@test "other detach keys" {
  run on_terminal run -it --detach-keys ctrl-x,a --name left2 busybox sh < <(sleep 1; printf '\030a'; sleep 1)
  [ "$status" = 0 ]
  [ "$(ctr ps -q -f name=left2 | wc -l)" = 1 ]
  ctr rm -f left2
}

@test "detach keys that mean nothing are refused before anything runs" {
  fails_with 125 "'bogus' is neither a character nor ctrl-X" ctr run --name never --detach-keys bogus busybox sleep 100
  [ -z "$(ctr ps -aq -f name=never)" ]
}

@test "three signals that the container does not heed leave it running" {
  "$CTR" --root "$T/root" --run-root "$T/run" run --name deaf busybox sleep 100 2>"$T/deaf" 3>&- &
  client=$!
  eventually 10 eval '[ -n "$(ctr ps -q -f name=deaf)" ]'
  for _ in 1 2 3; do
    kill -INT "$client"
    sleep 0.3
  done
  status=0
  wait "$client" || status=$?
  [ "$status" = 1 ]
  grep -q 'left running' "$T/deaf"
  [ "$(ctr ps -q -f name=deaf | wc -l)" = 1 ]
  ctr rm -f deaf
}

@test "the size follows, and the terminal is restored, by a signal too" {
  command -v tmux >/dev/null || skip "no tmux"
  tmux -S "$T/tmux" -f /dev/null new-session -d -x 100 -y 30 "bash --norc"
  tmux -S "$T/tmux" send-keys "'$CTR' --root '$T/root' --run-root '$T/run' run --rm -it --name sized busybox sh" Enter
  seen() { tmux -S "$T/tmux" capture-pane -p | grep -q -- "$1"; }
  eventually 10 eval '[ -n "$(ctr ps -q -f name=sized)" ]'
  eventually 5 seen '/ #'
  tmux -S "$T/tmux" send-keys "stty size" Enter
  eventually 5 seen '^30 100'
  tmux -S "$T/tmux" resize-window -x 80 -y 20
  sleep 0.3
  tmux -S "$T/tmux" send-keys "stty size" Enter
  eventually 5 seen '^20 80'
  tmux -S "$T/tmux" send-keys "exit" Enter
  eventually 10 eval '[ -z "$(ctr ps -aq -f name=sized)" ]'
  tmux -S "$T/tmux" send-keys "stty -a | grep -o ' icanon'; echo after" Enter
  eventually 5 seen '^ icanon'
  tmux -S "$T/tmux" kill-server
}

@test "the size is there from the start" {
  command -v tmux >/dev/null || skip "no tmux"
  printf 'for i in 1 2 3 4 5; do "%s" --root "%s" --run-root "%s" run --rm -it busybox stty size; done; echo fin\n' \
    "$CTR" "$T/root" "$T/run" >"$T/sizes"
  tmux -S "$T/tmux" -f /dev/null new-session -d -x 90 -y 25 "bash --norc"
  tmux -S "$T/tmux" send-keys "sh $T/sizes" Enter
  eventually 20 eval 'tmux -S "$T/tmux" capture-pane -p | grep -q "^fin"'
  [ "$(tmux -S "$T/tmux" capture-pane -p | grep -c '^25 90')" = 5 ]
  tmux -S "$T/tmux" kill-server
}

@test "exec -it: a second terminal in the same container" {
  ctr run -d --name host busybox sleep 100
  run on_terminal exec -it host sh -c 'tty; read line; echo "got <$line>"' < <(sleep 1; echo hello; sleep 1)
  [ "$status" = 0 ]
  [[ $output == *"got <hello>"* ]]
  fails_with 1 "the input device is not a TTY" ctr exec -it host true
  ctr rm -f host
}

@test "run -d lets go of the caller's stdout" {
  id=$(timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" run -d --name bg busybox sleep 100)
  [[ $id =~ ^[0-9a-f]{64}$ ]]
  [ "$(ctr inspect -f '{{.Id}}' bg)" = "$id" ]
  ctr rm -f bg
}
