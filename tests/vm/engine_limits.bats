# The limits that `ctr run` is asked for hold, and are told of.
# shellcheck disable=SC2016  # scripts for the container
load "$CTR_TEST_LIB"

setup_file() {
  [ "${CTR_IN_VM-}" = 1 ] || skip "only in the test kernel"
  load_busybox
}
teardown() { ctr rm -f box >/dev/null 2>&1 || true; }

# A file of the container's cgroup.
group() {
  local id
  id=$(ctr inspect --format '{{.Id}}' box)
  cat "/sys/fs/cgroup/ctr/$id/$1"
}

@test "an OOM kill ends with 137 and is reported as such" {
  run ctr run --name box --memory 32m --memory-swap 32m busybox tail /dev/zero
  echo "$output"
  [ "$status" = 137 ]
  run ctr inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' box
  echo "$output"
  [ "$output" = "true 137" ]
}

@test "a kill that is no OOM kill is not reported as one" {
  ctr run -d --name box --memory 32m busybox sleep 1000
  ctr kill box
  run ctr wait box
  [ "$(ctr inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' box)" = "false 137" ]
}

@test "--memory is the cgroup's limit" {
  ctr run -d --name box --memory 64m busybox sleep 1000
  [ "$(group memory.max)" = 67108864 ]
}

@test "--pids-limit stops a fork bomb" {
  ctr run -d --name box --pids-limit 20 busybox \
    sh -c 'mkfifo /fifo; (while :; do sleep 100 & done); read never </fifo'
  [ "$(group pids.max)" = 20 ]
  refused_once() { group pids.events | grep -q '^max [1-9]'; }
  eventually 20 refused_once
  [ "$(group pids.current)" -le 20 ]
}

@test "--cpus throttles" {
  ctr run -d --name box --cpus 0.2 busybox sh -c 'while :; do :; done'
  sleep 2
  [ "$(group cpu.max)" = "20000 100000" ]
  [ "$(group cpu.stat | awk '$1 == "nr_throttled" {print $2}')" -ge 5 ]
  [ "$(group cpu.stat | awk '$1 == "usage_usec" {print $2}')" -lt 1500000 ]
}

@test "an AppArmor profile that is asked for is the payload's, and an unknown one is an error" {
  command -v apparmor_parser >/dev/null || skip "no apparmor_parser"
  printf 'profile ctr-asked flags=(attach_disconnected,mediate_deleted) {\n file,\n capability,\n signal,\n deny /forbidden r,\n}\n' \
    >"$T/profile"
  apparmor_parser --replace --skip-cache "$T/profile"
  run ctr run --rm --security-opt apparmor=ctr-asked busybox sh -c 'cat /proc/self/attr/current; echo x >/forbidden; cat /forbidden || echo refused'
  echo "$output"
  apparmor_parser --remove "$T/profile"
  [[ $output == *"ctr-asked (enforce)"* ]]
  [[ $output == *refused* ]]
  fails_with 125 ctr-asked ctr run --rm --security-opt apparmor=ctr-asked busybox true
}

@test "containers have the profile ctr-default, which is loaded by the first one and forbids mounts" {
  command -v apparmor_parser >/dev/null || skip "no apparmor_parser"
  loaded() { grep -c '^ctr-default (enforce)' /sys/kernel/security/apparmor/profiles; }
  [ "$(ctr run --rm busybox cat /proc/self/attr/current)" = "ctr-default (enforce)" ]
  [ "$(loaded)" = 1 ]
  fails_with 1 "Permission denied" ctr run --rm --cap-add SYS_ADMIN --security-opt seccomp=unconfined busybox \
    sh -c 'mount -t tmpfs none /tmp || exit 1'
  ctr run --rm --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined busybox \
    mount -t tmpfs none /tmp
  fails_with 1 "Permission denied" ctr run --rm --privileged --security-opt apparmor=ctr-default busybox sh -c 'echo h >/proc/sysrq-trigger'
  [ "$(ctr run --rm --security-opt apparmor=unconfined busybox cat /proc/self/attr/current)" = unconfined ]
  [ "$(ctr run --rm --privileged busybox cat /proc/self/attr/current)" = unconfined ]
  ctr run -d --name box busybox sleep 1000
  [ "$(ctr exec box cat /proc/self/attr/current)" = "ctr-default (enforce)" ]
  # Signals from outside and from within reach it.
  ctr exec box kill -0 1
  ctr stop -t 0 box
  printf 'FROM busybox\nRUN cat /proc/self/attr/current >/label\n' | ctr build -q -t labelled - >/dev/null
  [ "$(ctr run --rm labelled cat /label)" = "ctr-default (enforce)" ]
}
