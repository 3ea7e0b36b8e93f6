# Many at once: none fails, none waits for another.
# shellcheck disable=SC2016
load "$CTR_TEST_LIB"

# Of what is started here alone: bats has a child of its own, which counts a test's time.
wait_for_all() {
  local pid
  for pid in "${pids[@]}"; do wait "$pid" || true; done
  pids=()
}

setup_file() {
  load_busybox
  ctr run --rm busybox true
}

@test "fifty ctr run at once: none fails" {
  mkdir -p "$T/results"
  for i in $(seq 50); do
    ("$CTR" --root "$T/root" --run-root "$T/run" run --rm busybox echo "number $i" >"$T/results/$i" 2>&1 ||
      echo "exit $?" >>"$T/results/$i") &
    pids+=($!)
  done
  wait_for_all
  for i in $(seq 50); do
    [ "$(cat "$T/results/$i")" = "number $i" ] || { echo "$i: $(cat "$T/results/$i")"; return 1; }
  done
  [ -z "$(ctr ps -aq)" ]
}

@test "none waits for another: fifty that all sleep are there at the same time" {
  for i in $(seq 50); do
    "$CTR" --root "$T/root" --run-root "$T/run" run -d --rm --name "many$i" busybox sleep 1000 >/dev/null &
    pids+=($!)
  done
  wait_for_all
  [ "$(ctr ps -q | wc -l)" = 50 ]
  # shellcheck disable=SC2046  # an id each
  ctr rm -f $(ctr ps -q) >/dev/null
  [ -z "$(ctr ps -aq)" ]
}

@test "one name for many: one gets it, the others are told who has it" {
  for i in $(seq 8); do
    (ctr run -d --name same busybox sleep 1000 >"$T/same.$i" 2>&1 && touch "$T/won.$i") &
    pids+=($!)
  done
  wait_for_all
  [ "$(find "$T" -maxdepth 1 -name 'won.*' | wc -l)" = 1 ]
  [ "$(grep -l 'is in use by container' "$T"/same.* | wc -l)" = 7 ]
  ctr rm -f same
}
