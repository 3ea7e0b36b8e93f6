# A bundle as an engine makes it: the tests beside this one say nothing where this does not run.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

teardown() { end_containers; }

@test "a harmless bundle runs, in the foreground and detached" {
  new_bundle
  in_shell 'echo hello from $(hostname)'
  run_bundle plain
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"hello from box"* ]]
  in_shell 'while :; do sleep 1; done'
  start_bundle detached
  run runtime exec detached echo inside
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *inside* ]]
}
