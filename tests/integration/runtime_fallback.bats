# Kernels and sandboxes without the newer system calls: the same container, by mount(2) and cgroup.procs.
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

WITHOUT=$CTR_TESTS/runtime/without

setup_file() {
  make_bundle
  mkdir -p "$T/volume"
  echo volume >"$T/volume/file"
}
teardown() { remove_all; }

# What a container sees of its mounts: target, options, type; and that masks, read-only paths and binds hold.
look() {
  script 'awk "{print \$5, \$6, \$(NF-2)}" /proc/self/mountinfo | sort; cat /data/file; touch /data/x 2>/dev/null || echo read-only;
    stat -c "%n %a" /dev /dev/shm /tmp; cat /proc/keys | wc -c; cat /proc/self/cgroup' "
    .mounts += [{\"destination\": \"/tmp\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"noexec\", \"sync\"]},
      {\"destination\": \"/data\", \"type\": \"bind\", \"source\": \"$T/volume\", \"options\": [\"rbind\", \"ro\", \"nosuid\", \"rprivate\"]}] | .root.readonly = true | .linux.rootfsPropagation = \"shared\" | ${more-.}"
  "$@" "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id "$RANDOM")" </dev/null
}

@test "without fsopen and its kin: mount(2) makes the same file systems" {
  mkdir -p "$B/rootfs/full/deep"
  echo content >"$B/rootfs/full/deep/file"
  more='.mounts += [{"destination": "/full", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "nosuid"]}] |
    .process.args[2] += "; cat /full/deep/file"'
  look env >"$T/with"
  look "$WITHOUT" fsopen,fsmount,fsconfig >"$T/without" 2>&1
  cat "$T/without"
  diff "$T/with" "$T/without"
}

@test "without mount_setattr, as before Linux 5.12: mount(2) sets the same options" {
  mkdir -p "$B/rootfs/full"
  echo content >"$B/rootfs/full/file"
  mount -t tmpfs -o nosuid,nodev source "$T/volume"
  echo volume >"$T/volume/file"
  more=".mounts += [{\"destination\": \"/full\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"tmpcopyup\", \"noexec\"]},
    {\"destination\": \"/again\", \"type\": \"bind\", \"source\": \"$T/volume\", \"options\": [\"bind\", \"noexec\"]},
    {\"destination\": \"/again\", \"type\": \"bind\", \"source\": \"$T/volume\", \"options\": [\"bind\", \"remount\", \"ro\"]}]"
  look env >"$T/with"
  look "$WITHOUT" mount_setattr >"$T/without" 2>&1
  umount "$T/volume"
  cat "$T/without"
  # What the source forbids stays forbidden.
  grep -q "^/again ro,nosuid,nodev,noexec," "$T/without"
  diff "$T/with" "$T/without"
}

@test "without mount_setattr what mount(2) cannot do is an error that says so" {
  config ".mounts += [{\"destination\": \"/data\", \"type\": \"bind\", \"source\": \"$T/volume\", \"options\": [\"rbind\", \"rro\"]}]"
  fails_with 1 "mount_setattr needs Linux 5.12" "$WITHOUT" mount_setattr "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)"
}

@test "without pivot_root, as on an initramfs: an error, and --no-pivot" {
  script 'ls / | xargs; touch /x 2>/dev/null || echo read-only' '.root.readonly = true'
  fails_with 1 "changing the root" "$WITHOUT" pivot_root "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id a)"
  run "$WITHOUT" pivot_root "$RUNTIME" --root "$T/runtime" run --no-pivot -b "$B" "$(id b)"
  echo "$output"
  [ "${lines[0]}" = "$(cd "$B/rootfs" && echo *)" ]
  [ "${lines[1]}" = read-only ]
}

@test "without CLONE_INTO_CGROUP's clone3 there is a clear error" {
  config .
  fails_with 1 "cloning the container's process: function not implemented" "$WITHOUT" clone3 "$RUNTIME" --root "$T/runtime" run -b "$B" "$(id)"
}
