# Ids, groups and capabilities that a payload gets.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup() { new_bundle; }
teardown() { end_containers; }

@test "CVE-2024-40635, CVE-2026-46680: ids beyond 31 bits are refused, not wrapped" {
  in_shell 'echo RAN as $(id -u):$(id -g)'
  local id field
  for id in 2147483648 4294967295 4294967296 18446744073709551616 -1 1.5; do
    for field in uid gid; do
      configure '.process.user = {uid: 0, gid: 0} | .process.user[$field] = ($id | tonumber)' --arg id "$id" --arg field "$field"
      # jq writes large numbers as it likes; the digits matter.
      sed -i -E "s/\"$field\": [-0-9.e+]+(,?)\$/\"$field\": $id\1/" "$B/config.json"
      run_bundle "id"
      runtime delete --force id >/dev/null 2>&1 || true
      echo "$field $id: $status $output"
      [ "$status" != 0 ]
      [[ $output != *RAN* ]]
    done
  done
  configure '.process.user = {uid: 2147483647, gid: 2147483647}'
  run_bundle largest
  [ "$status" = 0 ]
  [[ $output == *"RAN as 2147483647:2147483647"* ]]
}

@test "CVE-2022-2989 and its kin: exactly the groups that were asked for" {
  in_shell 'id -G'
  configure '.process.user = {uid: 1000, gid: 1000, additionalGids: [7, 8]}'
  run_bundle asked
  [ "$(tail -n 1 <<<"$output")" = "1000 7 8" ]
  # The caller's own do not come along.
  configure '.process.user = {uid: 1000, gid: 1000}'
  run setpriv --groups 4,24 "$RUNTIME" --root "$T/runtime" run --bundle "$B" inherited
  echo "$output"
  [ "$(tail -n 1 <<<"$output")" = 1000 ]
}

@test "CVE-2022-24769 and its kin: no capability is inheritable, in run and in exec, as root and not" {
  zero() { [[ $1 == *CapInh:*0000000000000000* ]] || { echo "$1"; return 1; }; }
  in_shell 'grep CapInh /proc/self/status; while [ -e /wait ]; do sleep 0.1; done'
  local user
  for user in 0 1000; do
    configure '.process.user = {uid: $user, gid: $user}' --argjson user "$user"
    run_bundle "run$user"
    zero "$output"
  done
  touch "$R/wait"
  start_bundle box
  for user in 0 1000; do
    run runtime exec --user "$user:$user" box grep CapInh /proc/self/status
    zero "$output"
    run runtime exec --user "$user:$user" --cap CAP_KILL box grep CapInh /proc/self/status
    zero "$output"
  done
  rm "$R/wait"
}

@test "a process of another user has no capability in effect" {
  configure '.process.user = {uid: 1000, gid: 1000}'
  in_shell 'grep -E "CapEff|CapPrm|CapAmb" /proc/self/status | sort -u -k2'
  configure '.process.capabilities.ambient = []'
  run_bundle caps
  echo "$output"
  [ "$(awk '/Cap/ {print $2}' <<<"$output" | sort -u | tr -d '\r')" = 0000000000000000 ]
}

@test "CVE-2026-30892: exec --user takes numbers and nothing like numbers" {
  in_shell 'while :; do sleep 1; done'
  start_bundle box
  ids() { run runtime exec --user "$1" box sh -c 'echo RAN as $(id -u):$(id -g)'; }
  ids 1000
  [[ $output == *"RAN as 1000:"* ]]
  ids 1000:2000
  [[ $output == *"RAN as 1000:2000"* ]]
  local form
  for form in ' 1000' +1000 1000x x1000 -1 1000:x 1000:+5 2147483648 4294967296 1000:4294967296 0x10 1e3 '1000 '; do
    ids "$form"
    echo "'$form': $status $output"
    [ "$status" != 0 ]
    [[ $output != *RAN* ]]
  done
  for form in 1000: :1000; do
    ids "$form"
    echo "'$form': $status $output"
    # What is left out is 0 or refused, and never taken from the other half.
    [ "$status" != 0 ] || [[ $output == *"RAN as ${form%:*}"* ]] || [[ $output == *"RAN as 0:1000"* ]]
  done
}
