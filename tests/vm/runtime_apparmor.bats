# An AppArmor profile that a bundle names is on its payload, in run and in exec.
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load ../security/bundle

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  command -v apparmor_parser >/dev/null || skip "no apparmor_parser"
  cat >"$T/profile" <<'END'
profile ctr-test flags=(attach_disconnected,mediate_deleted) {
  file,
  capability,
  signal,
  ptrace,
  mount,
  umount,
  unix,
  network,
  deny /forbidden r,
}
END
  apparmor_parser --replace --skip-cache "$T/profile"
}
teardown_file() { [ ! -e "$T/profile" ] || apparmor_parser --remove "$T/profile"; }

setup() {
  new_bundle
  echo content >"$R/forbidden"
  configure '.process.apparmorProfile = "ctr-test"'
}
teardown() { end_containers; }

@test "the profile is the payload's, and forbids" {
  in_shell 'cat /proc/self/attr/current; cat /forbidden || echo refused'
  run_bundle box
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"ctr-test (enforce)"* ]]
  [[ $output == *refused* ]]
  [[ $output != *content* ]]
}

@test "and in exec" {
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  run runtime exec --apparmor ctr-test box sh -c 'cat /proc/self/attr/current; cat /forbidden || echo refused'
  echo "$output"
  [[ $output == *"ctr-test (enforce)"* ]]
  [[ $output == *refused* ]]
}

@test "with no_new_privs too" {
  configure '.process.noNewPrivileges = true'
  in_shell 'cat /proc/self/attr/current; grep NoNewPrivs /proc/self/status'
  run_bundle box
  echo "$output"
  [[ $output == *"ctr-test (enforce)"* ]]
  [[ $output == *NoNewPrivs:*1* ]]
}

@test "a profile that is not loaded is an error, and nothing runs" {
  configure '.process.apparmorProfile = "no-such-profile"'
  in_shell 'echo RAN'
  run_bundle box
  echo "$output"
  [ "$status" != 0 ]
  [[ $output != *RAN* ]]
  # Others give the kernel's errno alone.
  [ "$(runtime_name)" != ctr-runtime ] || [[ $output == *no-such-profile* ]]
}
