# What a container writes, as its log keeps it.
# shellcheck disable=SC2016
load "$CTR_TEST_LIB"

setup_file() { load_busybox; }

log_of() { ctr inspect -f '{{.LogPath}}' "$1"; }

@test "an entry of the file is docker's" {
  ctr run --name form busybox sh -c 'printf "say \"hi\"\\n"; printf "no end"'
  run jq -r '[.log, .stream, (.time | test("^20[0-9-]+T[0-9:]+[.][0-9]{9}Z$"))] | @json' "$(log_of form)"
  [ "${lines[0]}" = '["say \"hi\"\n","stdout",true]' ]
  [ "${lines[1]}" = '["no end","stdout",true]' ]
  [ "$(ctr logs form)" = "$(printf 'say "hi"\nno end')" ]
  ctr rm form
}

@test "lines of more than 16 KiB are kept in pieces and come back whole" {
  ctr run --name long busybox sh -c 'head -c 100000 /dev/zero | tr "\0" x; echo'
  [ "$(ctr logs long | head -c 200000 | wc -c)" = 100001 ]
  [ "$(jq -r '.log | length' "$(log_of long)" | sort -n | tail -1)" = 16384 ]
  ctr rm long
}

@test "much output is neither lost nor mixed up, attached and in the log" {
  ctr run --name much busybox sh -c 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done' >"$T/much"
  [ "$(wc -l <"$T/much")" = 20000 ]
  [ "$(tail -1 "$T/much")" = "line 19999" ]
  ctr logs much | cmp - "$T/much"
  ctr rm much
}

@test "bytes pass unchanged to who is attached" {
  head -c 300000 /dev/urandom >"$T/bytes"
  # shellcheck disable=SC2094  # both read it
  ctr run --rm -i busybox cat <"$T/bytes" | cmp - "$T/bytes"
}

@test "logs rotate by size and number" {
  ctr run --name turn --log-opt max-size=10k --log-opt max-file=3 busybox \
    sh -c 'i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done'
  log=$(log_of turn)
  [ -f "$log" ] && [ -f "$log.1" ] && [ -f "$log.2" ] && [ ! -e "$log.3" ]
  [ "$(stat -c %s "$log.1")" -lt 16000 ]
  [ "$(ctr logs turn | tail -1)" = "line 999" ]
  # In order, over the files, without a gap.
  ctr logs turn | awk '{if (NR > 1 && $2 != last + 1) exit 1; last = $2}'
  [ "$(ctr logs --tail 3 turn | head -1)" = "line 997" ]
  ctr rm turn
}

@test "a full disk: the container runs on, the loss is counted and told" {
  mkdir -p "$T/small"
  mount -t tmpfs -o size=24m tmpfs "$T/small"
  small() { "$CTR" --root "$T/small/root" --run-root "$T/run.small" "$@"; }
  small load -q -i "$T/busybox.tar"
  small run -d --name full busybox sh -c 'while [ ! -e /go ]; do echo waiting for room; sleep 0.01; done; echo done'
  head -c 24M /dev/zero >"$T/small/fill" 2>/dev/null || true
  sleep 1
  [ "$(small inspect -f '{{.State.Status}}' full)" = running ]
  before=$(small logs full | wc -l)
  sleep 0.5
  [ "$(small logs full | wc -l)" -le "$((before + 1))" ]
  rm "$T/small/fill"
  # Detached: the container may end, and take the command along, before that has ended by itself.
  small exec -d full touch /go
  [ "$(small wait full)" = 0 ]
  small logs full 2>&1 | grep -q '\[ctr: [0-9]* lines ([0-9]* bytes) of output were lost here'
  [ "$(small logs full | tail -1)" = "done" ]
  small rm full
  umount "$T/small"
}

@test "a reader that stops does not lose anything" {
  ctr run --rm busybox sh -c 'i=0; while [ $i -lt 50000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done' |
    (sleep 1; wc -c >"$T/slow")
  [ "$(cat "$T/slow")" = 2050000 ]
}
