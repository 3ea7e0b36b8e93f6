# runtime-spec, config.md and config-linux.md: when, where and as what the container's process runs.
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() { remove_all; }

# Debian 12's peers: runc 1.1 and crun 1.8 are older than these properties.
too_old() {
  deviates runc "1.1 does not know it"
  deviates crun "1.8 does not know it"
}

# exec_process FILTER: runs another process in a sleeping container, from the base's process as changed.
exec_process() {
  jq ".process | $1" "$B/base.json" >"$T/process.json"
  runtime exec --process "$T/process.json" "$(id)" </dev/null
}

# proc(5), /proc/pid/stat: the 19th field is nice, the 41st the policy.
@test "config.md Linux Process: scheduler, policies and nice" {
  too_old
  while read -r policy nice number; do
    script 'cut -d" " -f19,41 /proc/self/stat' ".process.scheduler = {\"policy\": \"$policy\", \"nice\": $nice}"
    run run_bundle
    echo "$policy: $output"
    [ "$output" = "$nice $number" ]
  done <<END
SCHED_OTHER 4 0
SCHED_OTHER -3 0
SCHED_BATCH 5 3
END
  script 'cut -d" " -f41 /proc/self/stat' '.process.scheduler = {"policy": "SCHED_IDLE"}'
  run run_bundle
  [ "$output" = 5 ]
}

@test "config.md Linux Process: scheduler, real-time policies with priority and reset on fork" {
  too_old
  # Field 40 is the real-time priority. A shell's child shows what is inherited.
  config '.process.args = ["cut", "-d ", "-f40,41", "/proc/self/stat"] |
    .process.scheduler = {"policy": "SCHED_RR", "priority": 7}'
  run run_bundle
  [[ $output != *"not permitted"* ]] || skip "this machine gives no real-time scheduling: $output"
  [ "$output" = "7 2" ]
  script 'cut -d" " -f40,41 /proc/$$/stat; cut -d" " -f40,41 /proc/self/stat; true' \
    '.process.scheduler = {"policy": "SCHED_FIFO", "priority": 9, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}'
  run run_bundle
  [ "${lines[0]}" = "9 1" ]
  [ "${lines[1]}" = "0 0" ]
}

@test "config.md Linux Process: scheduler, SCHED_DEADLINE" {
  too_old
  config '.process.args = ["cut", "-d ", "-f41", "/proc/self/stat"] | .process.scheduler =
    {"policy": "SCHED_DEADLINE", "runtime": 10000000, "deadline": 20000000, "period": 30000000}'
  run run_bundle
  [[ $output != *"not permitted"* && $output != *busy* ]] || skip "this machine gives no deadline scheduling: $output"
  [ "$output" = 6 ]
}

@test "config.md Linux Process: scheduler, what a policy cannot take is an error" {
  too_old
  for scheduler in '{"policy": "SCHED_OTHER", "priority": 3}' '{"policy": "SCHED_OTHER", "nice": 30}' \
    '{"policy": "SCHED_FIFO", "priority": 3, "runtime": 100}' '{"policy": "SCHED_NONE"}' '{"nice": 1}'; do
    config ".process.scheduler = $scheduler"
    run run_bundle
    echo "$scheduler: $output"
    [ "$status" != 0 ]
  done
}

@test "config.md Linux Process: ioPriority" {
  too_old
  while read -r class level shown; do
    config ".process.args = [\"ionice\"] | .process.ioPriority = {\"class\": \"$class\", \"priority\": $level}"
    run run_bundle
    echo "$class: $output"
    [[ $output == *"$shown"* ]]
  done <<END
IOPRIO_CLASS_BE 5 best-effort: prio 5
IOPRIO_CLASS_RT 2 realtime: prio 2
IOPRIO_CLASS_IDLE 0 idle
END
}

@test "config.md Linux Process: execCPUAffinity, final and initial, for exec alone" {
  too_old
  [ "$(nproc)" -gt 1 ] || skip "one cpu"
  sleeping "$(id)" '.process.execCPUAffinity = {"final": "1"}'
  grep -q "^Cpus_allowed_list:.*0" "/proc/$(pid_of "$(id)")/status"
  run exec_process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"] | .execCPUAffinity = {"final": "1"}'
  [ "$(awk '{print $2}' <<<"$output")" = 1 ]
  run exec_process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"] |
    .execCPUAffinity = {"initial": "0", "final": "0-1"}'
  [ "$(awk '{print $2}' <<<"$output")" = 0-1 ]
  run exec_process '.args = ["true"] | .execCPUAffinity = {"final": "8000"}'
  [ "$status" != 0 ]
  # The runtime's own is not changed by it, and the container's first process has no use for it.
  run exec_process '.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
  [ "$(awk '{print $2}' <<<"$output")" = "$(awk '/Cpus_allowed_list/ {print $2}' /proc/self/status)" ]
}

@test "config-linux.md Personality: LINUX32 and LINUX, of exec too" {
  deviates runc "1.1 does not know it"
  [ "$(setarch linux32 uname -m)" = i686 ] || skip "this kernel gives no 32-bit personality"
  config '.process.args = ["uname", "-m"] | .linux.personality = {"domain": "LINUX32"}'
  run run_bundle
  [ "$output" = i686 ]
  config '.process.args = ["uname", "-m"] | .linux.personality = {"domain": "LINUX"}'
  run run_bundle
  [ "$output" = x86_64 ]
  sleeping "$(id)" '.linux.personality = {"domain": "LINUX32"}'
  run runtime exec "$(id)" uname -m </dev/null
  [ "$output" = i686 ]
}

# numa_maps(5): the policy of each mapping that has none of its own.
@test "config-linux.md Memory policy: mode, nodes and flags" {
  too_old
  [ -e /proc/self/numa_maps ] || skip "no NUMA in this kernel"
  while read -r policy shown; do
    config ".process.args = [\"head\", \"-n1\", \"/proc/self/numa_maps\"] | .linux.memoryPolicy = $policy"
    run run_bundle
    echo "$policy: $output"
    [[ $output == *" $shown "* ]]
  done <<END
{"mode":"MPOL_BIND","nodes":"0"} bind:0
{"mode":"MPOL_INTERLEAVE","nodes":"0"} interleave:0
{"mode":"MPOL_PREFERRED","nodes":"0"} prefer:0
{"mode":"MPOL_BIND","nodes":"0","flags":["MPOL_F_STATIC_NODES"]} bind=static:0
{"mode":"MPOL_LOCAL"} local
{"mode":"MPOL_DEFAULT"} default
END
  config '.linux.memoryPolicy = {"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_NUMA"]}'
  run run_bundle
  [ "$status" != 0 ]
}

@test "config.md Linux Process: selinuxLabel is an error where SELinux is off" {
  deviates crun "1.8 ignores it"
  [ ! -d /sys/fs/selinux/initial_contexts ] || skip "SELinux is on"
  config '.process.selinuxLabel = "system_u:system_r:container_t:s0"'
  run run_bundle
  [ "$status" != 0 ]
  [[ $output == *[sS][eE][lL]inux* ]]
}
