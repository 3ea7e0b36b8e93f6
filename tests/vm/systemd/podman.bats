# Debian's podman with its systemd cgroup manager, on ctr-runtime --systemd-cgroup. tests/vm/run-systemd starts it.
# shellcheck disable=SC2016,SC2154  # scripts for the container; bats' own variables
load "$CTR_TEST_LIB"

setup_file() {
  [ "$(cat /proc/1/comm)" = systemd ] || skip "only where systemd is pid 1"
  command -v podman >/dev/null || skip "no podman"
  [ -e /lib/systemd/system/dbus.socket ] || skip "no dbus-daemon"
  systemctl start dbus.socket dbus.service
  busybox_rootfs "$T/rootfs"
  tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
  pod import -q "$T/rootfs.tar" box:latest
}
teardown_file() {
  pod rm -af -t 0 >/dev/null 2>&1 || true
  systemctl stop dbus.socket dbus.service || true
}

pod() {
  podman --runtime "$RUNTIME" --root "$T/p" --runroot "$T/q" --tmpdir "$T/s" --cgroup-manager systemd \
    --events-backend file "$@" 3>&-
}

@test "podman: a scope with its limits, exec, pause, update, and nothing left" {
  pod run -d --name one --network none --memory 64m --cpus 0.5 --pids-limit 77 box sleep 600
  local id unit
  id=$(pod inspect -f '{{.Id}}' one)
  unit=libpod-$id.scope
  [ "$(systemctl show --value -p Slice "$unit")" = machine.slice ]
  [ "$(systemctl show --value -p MemoryMax "$unit")" = 67108864 ]
  [ "$(systemctl show --value -p CPUQuotaPerSecUSec "$unit")" = 500ms ]
  [ "$(systemctl show --value -p TasksMax "$unit")" = 77 ]
  [ "$(pod exec one sh -c 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max' | xargs)" = "67108864 77" ]
  pod pause one
  [ "$(pod inspect -f '{{.State.Status}}' one)" = paused ]
  pod unpause one
  pod update --memory 48m one
  [ "$(systemctl show --value -p MemoryMax "$unit")" = 50331648 ]
  systemctl daemon-reload
  [ "$(pod exec one cat /sys/fs/cgroup/memory.max)" = 50331648 ]
  pod rm -f -t 0 one
  [ "$(systemctl show --value -p LoadState "$unit")" = not-found ]
  [ ! -e "/sys/fs/cgroup/machine.slice/$unit" ]
}
