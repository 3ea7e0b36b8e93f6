# How little memory a container can do with.
# shellcheck disable=SC2016  # filters for jq
load "$CTR_TEST_LIB"
load ../security/bundle

setup_file() {
  echo 'int main(void) { return 0; }' >"$T/true.c"
  printf '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n' >"$T/wait.c"
  gcc -O2 -static -o "$T/true" "$T/true.c"
  gcc -O2 -static -o "$T/wait" "$T/wait.c"
}

setup() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  new_bundle
  rm "$R/bin/true"
  cp "$T/true" "$T/wait" "$R/bin"
}
teardown() { end_containers; }

@test "in 1 MiB a static program runs, and is exec'd, 100 times of 100" {
  configure '.linux.cgroupsPath = "/box" | .linux.resources = {memory: {limit: 1048576, swap: 1048576}}'
  configure '.process.args = ["/bin/true"]'
  for i in $(seq 100); do
    runtime run -b "$B" "box$i" || { echo "run $i of 100 ended with $?"; return 1; }
  done
  configure '.process.args = ["/bin/wait"]'
  start_bundle box
  [ "$(cat /sys/fs/cgroup/box/memory.max)" = 1048576 ]
  for i in $(seq 100); do
    runtime exec box /bin/true || { echo "exec $i of 100 ended with $?"; return 1; }
  done
  [ "$(awk '$1 == "oom_kill" {print $2}' /sys/fs/cgroup/box/memory.events)" = 0 ]
}
