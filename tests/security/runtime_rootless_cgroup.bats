# The user's own cgroups, from a container that shares the cgroup namespace.
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load bundle

USER_ID=4322
G=/sys/fs/cgroup/of-the-user

setup() {
  new_bundle
  mkdir -p "$T/xdg" "$G"
  chown -R "$USER_ID:$USER_ID" "$B" "$T/xdg" "$G"
  chmod 755 "$T"
}
teardown() {
  for name in $(as_user "$RUNTIME" list -q 2>/dev/null); do as_user "$RUNTIME" delete -f "$name" || true; done
  find "$G" -depth -type d -exec rmdir {} \; 2>/dev/null || true
}

as_user() {
  setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups env HOME="$T" XDG_RUNTIME_DIR="$T/xdg" "$@"
}

@test "CVE-2023-25809: the cgroups that the user may write to are read-only in the container" {
  local sys
  for sys in '{destination: "/sys", type: "none", source: "/sys", options: ["rbind", "nosuid", "noexec", "nodev", "ro"]}' \
    '{destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]}'; do
    setup
    configure "(.mounts[] | select(.destination == \"/sys\")) |= $sys | .mounts += [
      {destination: \"/sys/fs/cgroup\", type: \"cgroup\", source: \"cgroup\", options: [\"nosuid\", \"noexec\", \"nodev\", \"ro\"]}] |
      .linux.namespaces |= (map(select(.type != \"cgroup\" and .type != \"network\")) + [{type: \"user\"}]) |
      .linux.uidMappings = [{containerID: 0, hostID: $USER_ID, size: 1}] | .linux.gidMappings = .linux.uidMappings"
    in_shell 'for folder in /sys/fs/cgroup /sys/fs/cgroup/of-the-user; do
      mkdir $folder/escaped 2>/dev/null && echo "made in $folder"; done; echo RAN'
    run as_user "$RUNTIME" run --bundle "$B" "cgroup$RANDOM"
    echo "$output"
    [ ! -e "$G/escaped" ]
    # It may refuse to start, but not be a test of nothing with ours.
    [ "$(runtime_name)" != ctr-runtime ] || [[ $output == *RAN* ]]
  done
}
