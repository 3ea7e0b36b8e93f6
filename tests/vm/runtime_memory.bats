# How little memory a container can do with, and how much starting one takes.
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

# peak_of RUNTIME: the most bytes that a run of /bin/true has held, with all that the runtime started; after one run that
# brought its files into memory.
peak_of() {
  local group=/sys/fs/cgroup/peak
  for _ in 1 2; do
    mkdir -p "$group/caller"
    echo +memory >"$group/cgroup.subtree_control"
    "$BASH" -c 'echo $$ >"$1" && exec "$2" --root "$3" run -b "$4" measured' - "$group/caller/cgroup.procs" "$1" "$T/peak" "$B" >&2
    cat "$group/memory.peak" >"$T/peak.bytes"
    eventually 10 rmdir "$group/caller"
    eventually 10 rmdir "$group"
  done
  cat "$T/peak.bytes"
}

@test "the most memory that run holds, the kernel's share with it, is not above crun's" {
  [ "$(runtime_name)" = ctr-runtime ] || skip "compares ctr-runtime with crun"
  [ -x /usr/bin/crun ] || skip "no crun here"
  configure '.linux.cgroupsPath = "/peak/box" | .process.args = ["/bin/true"]'
  ours=$(peak_of "$RUNTIME")
  theirs=$(peak_of /usr/bin/crun)
  echo "ctr-runtime $ours bytes, crun $theirs"
  [ "$ours" -le "$theirs" ]
}
