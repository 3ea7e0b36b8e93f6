# The engine inside another program.
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
}

@test "monitors that ended are reaped when the next container starts" {
  run "$CTR_TESTS/runtime/starter" "$T/root" "$T/run" "$CTR_LIBEXEC" busybox 20
  echo "$output"
  [ "$status" = 0 ]
  # The last one's may not have been gone yet when the next one's was asked for.
  [[ $output =~ ^"at most "[012]$ ]]
}
