# libcrun inside another program.
load "$CTR_TEST_LIB"

HAMMER=$CTR_TESTS/runtime/hammer

setup_file() {
  export BATS_TEST_TIMEOUT=600  # beside other files of two processors
  mkdir -p "$T/root/bin"
  cp "$BUSYBOX" "$T/root/bin/true"
}

@test "the trap for allocations in the child springs" {
  run "$HAMMER" --trap
  [ "$status" = 0 ]
}

@test "1,000 containers beside eight threads that allocate, none of it between clone3 and execve" {
  # Each system call of the test kernel is 20 times slower.
  local count=1000
  ! grep -q "User Mode Linux" /proc/cpuinfo || count=100
  run "$HAMMER" "$T/root" "$T/state" "$count"
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == "$count containers in "* ]]
  [ -z "$(find /sys/fs/cgroup -name 'hammer-*')" ]
}
