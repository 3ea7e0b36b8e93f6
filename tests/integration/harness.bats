# What the launcher promises to every other file.
load "$CTR_TEST_LIB"

@test "the network namespace has a loopback and nothing else" {
  # The test kernel's namespaces are born with tunnel devices, which are down.
  run ip -o link show up
  [ "${#lines[@]}" = 1 ]
  [[ $output == *"lo: <LOOPBACK,UP"* ]]
}

@test "cgroup2 alone is at /sys/fs/cgroup, and its root is this file's own" {
  [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
  [ "$(grep '^0::' /proc/self/cgroup)" = 0::/test ]
  [ "$(grep -c ' - cgroup2 ' /proc/self/mountinfo)" = 1 ]
  mkdir /sys/fs/cgroup/mine
  rmdir /sys/fs/cgroup/mine
}

@test "a process, a cgroup, a mount or a half-made layer that is left fails the file" {
  # bats would take a line that starts with the word for a test of this file.
  sed 's/^TEST/@test/' >"$T/leaves.bats" <<END
load "\$CTR_TEST_LIB"
TEST "leaves all four" {
  ctr images
  mkdir -p "$T/left" "\$T/root/drafts/work/layer/diff" "\$T/other/intents"
  touch "\$T/other/state.db" "\$T/other/intents/killed.lock"
  sqlite3 "\$T/root/state.db" "INSERT INTO trash VALUES ('freed')"
  mount -t tmpfs left "$T/left"
  mkdir /sys/fs/cgroup/left
  setsid sleep 600 >/dev/null 2>&1 3>&- &
}
END
  run "$BATS_TEST_DIRNAME/run" "$T/leaves.bats"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"not ok"*"leaves nothing behind"* ]]
  [[ $output == *"process "*"sleep 600"* ]]
  [[ $output == *"cgroup /left"* ]]
  [[ $output == *"mount $T/left"* ]]
  [[ $output == *"half made: root/drafts/work"* ]]
  [[ $output == *"half made: other/intents/killed.lock"* ]]
  [[ $output == *"half made: root: trash: freed"* ]]
}

@test "the busybox archive is an image that others read" {
  command -v skopeo >/dev/null || skip "no skopeo"
  busybox_archive "$T/busybox.tar"
  run skopeo inspect --config "oci-archive:$T/busybox.tar"
  [ "$status" = 0 ]
  [[ $output == *'"sh"'* ]]
}

@test "a file whose tests do not all run fails" {
  sed 's/^TEST/@test/' >"$T/ends.bats" <<'END'
load "$CTR_TEST_LIB"
TEST "ends bats" { kill -9 "$PPID"; }
TEST "is never run" { true; }
END
  run "$BATS_TEST_DIRNAME/run" "$T/ends.bats"
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"not ok"*"runs all its tests"* ]]
}
