# What the test kernel promises to the files that need it.
load "$CTR_TEST_LIB"

@test "all controllers can be used" {
  controllers="cpu io memory pids"
  # A kernel for one cpu (before 6.19) has no cpuset.
  [[ $(uname -v) != *SMP* ]] || controllers+=" cpuset"
  for controller in $controllers; do
    grep -qw "$controller" /sys/fs/cgroup/cgroup.subtree_control
  done
  mkdir /sys/fs/cgroup/limited
  echo 1048576 >/sys/fs/cgroup/limited/memory.max
  [ "$(cat /sys/fs/cgroup/limited/memory.max)" = 1048576 ]
  rmdir /sys/fs/cgroup/limited
}

@test "every capability is there, and AppArmor" {
  [ "$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)" = "$(printf '%016x' $(((2 << $(cat /proc/sys/kernel/cap_last_cap)) - 1)))" ]
  [ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ]
}

@test "an own disk takes io limits" {
  [ "$(stat -f -c %T /disk)" = ext2/ext3 ]
}
