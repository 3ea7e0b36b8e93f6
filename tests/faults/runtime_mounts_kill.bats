# What the runtime makes beside a container for its mounts, when it is killed.
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  make_bundle
  mkdir -p "$T/tree"
  mount -t tmpfs tree "$T/tree"
}
teardown_file() { umount "$T/tree"; }

# The process that holds a mount's user namespace would wait for ever; the harness fails the file for one that is left.
@test "killed at each opening while a mount's ids are mapped: no process is left" {
  command -v strace >/dev/null || skip "no strace"
  local map='[{containerID: 0, hostID: 1000, size: 10}]' n reached=0
  config ".mounts += [{destination: \"/x\", type: \"bind\", source: \$tree, options: [\"bind\", \"idmap\"],
    uidMappings: $map, gidMappings: $map}]" --arg tree "$T/tree"
  for n in $(seq 20); do
    strace -o "$T/trace" -e trace=openat -e "inject=openat:signal=KILL:when=$n" \
      "$RUNTIME" --root "$T/runtime" run -b "$B" "k$n" </dev/null >/dev/null 2>&1 3>&- || true
    runtime delete -f "k$n"
    ! grep -q "killed by SIGKILL" "$T/trace" || ! tail -n 3 "$T/trace" | grep -q "_map\|ns/user" || reached=$((reached + 1))
  done
  # Before, between and after the two maps.
  echo "$reached"
  [ "$reached" -ge 3 ]
}
