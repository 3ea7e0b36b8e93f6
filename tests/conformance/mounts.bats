# runtime-spec, config.md "Mounts" and its table of Linux mount options.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

setup_file() { make_bundle; }
teardown() {
  remove_all
  local mount
  for mount in $(awk -v t="$T/" 'index($5, t) == 1 {print $5}' /proc/self/mountinfo | tac); do umount -l "$mount"; done
}

# mounts FILTER…: the container prints its mountinfo; each filter is a mount to add, with $T for the file's folder.
look='cat /proc/self/mountinfo'
mounts() {
  local text=$1 list=
  shift
  while [ $# -gt 0 ]; do
    list+="${list:+, }$1"
    shift
  done
  script "$text" ".mounts += [$list]" --arg T "$T"
  run run_bundle
  echo "$output"
}

# The options of the mount on a path; those of its file system; its propagation.
options_on() { awk -v p="$1" '$5 == p {found = $6} END {print "," found ","}' <<<"$output"; }
super_on() { awk -v p="$1" '$5 == p {found = $NF} END {print "," found ","}' <<<"$output"; }
propagation_on() {
  awk -v p="$1" '$5 == p {found = ""; for (i = 7; $i != "-"; i++) {split($i, f, ":"); found = found f[1] " "}}
    END {print found}' <<<"$output"
}
has() { [[ $1 == *",$2,"* ]] || { echo "no $2 in $1"; return 1; }; }
has_not() { [[ $1 != *",$2,"* ]] || { echo "$2 in $1"; return 1; }; }

tmpfs() { echo "{destination: \"/m/$1\", type: \"tmpfs\", source: \"tmpfs\", options: $2}"; }
bind() { echo "{destination: \"$1\", type: \"bind\", source: (\$T + \"/$2\"), options: $3}"; }

@test "config.md Linux mount options: each attribute, and its opposite" {
  local option list=()
  for option in ro nosuid nodev noexec noatime nodiratime; do list+=("$(tmpfs $option "[\"$option\"]")"); done
  list+=("$(tmpfs none '["rw", "suid", "dev", "exec", "atime", "diratime"]')"
    "$(tmpfs relatime '["relatime"]')" "$(tmpfs norelatime '["norelatime"]')"
    "$(tmpfs strictatime '["strictatime"]')" "$(tmpfs nostrictatime '["nostrictatime"]')")
  mounts "$look" "${list[@]}"
  [ "$status" = 0 ]
  for option in ro nosuid nodev noexec noatime nodiratime; do
    has "$(options_on /m/$option)" "$option"
    has_not "$(options_on /m/none)" "$option"
  done
  has "$(options_on /m/none)" rw
  has "$(options_on /m/relatime)" relatime
  has_not "$(options_on /m/strictatime)" relatime
  has_not "$(options_on /m/strictatime)" noatime
  has "$(options_on /m/nostrictatime)" relatime
}

@test "config.md Linux mount options: the last one wins" {
  deviates crun "keeps the first"
  mounts "$look" "$(tmpfs last '["ro", "nosuid", "noatime", "rw", "suid", "strictatime"]')"
  has "$(options_on /m/last)" rw
  has_not "$(options_on /m/last)" nosuid
  has_not "$(options_on /m/last)" noatime
}

@test "config.md Linux mount options: defaults" {
  deviates runc "hands it to the file system, which refuses it"
  mounts "$look" "$(tmpfs plain '["defaults"]')"
  has "$(options_on /m/plain)" rw
}

@test "config.md Linux mount options: nosymfollow" {
  deviates runc "does not know it" # 1.1.5
  deviates crun "does not know it" # 1.8.1
  mounts "$look; ln -s /bin/busybox /m/no/link; ln -s /bin/busybox /m/yes/link; test -e /m/no/link && echo followed no
    test -e /m/yes/link && echo followed yes" \
    "$(tmpfs no '["nosymfollow"]')" "$(tmpfs yes '["nosymfollow", "symfollow"]')"
  has "$(options_on /m/no)" nosymfollow
  [[ $output == *"followed yes"* ]]
  [[ $output != *"followed no"* ]]
}

@test "config.md Linux mount options: those of the file system" {
  mounts "$look" "$(tmpfs sync '["sync"]')" "$(tmpfs dirsync '["dirsync"]')" \
    "$(tmpfs nomand '["nomand"]')" "$(tmpfs size '["size=2m", "mode=711", "nr_inodes=100"]')"
  [ "$status" = 0 ]
  has "$(super_on /m/sync)" sync
  has "$(super_on /m/dirsync)" dirsync
  has "$(super_on /m/size)" size=2048k
  has "$(super_on /m/size)" mode=711
  has "$(super_on /m/size)" nr_inodes=100
}

@test "config.md Linux mount options: those of the file system, iversion, lazytime and opposites" {
  deviates runc "hands it to the file system, which refuses it" # 1.1.5
  deviates crun "hands it to the file system, which refuses it"
  mounts "$look; stat -c %a /m/iversion" "$(tmpfs iversion '["iversion", "size=4m", "nosuid"]')" "$(tmpfs async '["sync", "async", "silent", "loud"]')" \
    "$(tmpfs lazytime '["lazytime"]')" "$(tmpfs noiversion '["iversion", "noiversion"]')" \
    "$(tmpfs nolazytime '["lazytime", "nolazytime"]')"
  [ "$status" = 0 ]
  has_not "$(super_on /m/async)" sync
  has "$(super_on /m/iversion)" size=4096k
  has "$(options_on /m/iversion)" nosuid
  [ "${lines[-1]}" = 755 ]
  has "$(super_on /m/lazytime)" lazytime
  has_not "$(super_on /m/nolazytime)" lazytime
}

@test "config.md Linux mount options: an unknown one goes to the file system, which may refuse it" {
  mounts "$look" "$(tmpfs unknown '["no-such-option=1"]')"
  [ "$status" != 0 ]
}

# For tests that map the ids of make_tree's.
need_mapped_tmpfs() {
  local major minor
  IFS=. read -r major minor _ <<<"$(uname -r)"
  [ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "${minor%%[!0-9]*}" -ge 3 ]; } || skip "tmpfs takes no id mappings before Linux 6.3"
}

# A tree of two mounts: T/tree and T/tree/sub.
make_tree() {
  mkdir -p "$T/tree"
  mount -t tmpfs -o "$1" tree "$T/tree"
  mkdir "$T/tree/sub"
  mount -t tmpfs -o "$1" sub "$T/tree/sub"
}

@test "config.md Linux mount options: recursive attributes reach the mounts below" {
  make_tree rw
  local name list=()
  for name in ro nosuid nodev noexec; do
    list+=("$(bind "/r/$name" tree "[\"rbind\", \"r$name\"]")")
  done
  list+=("$(bind /plain tree '["rbind", "ro", "nosuid"]')")
  mounts "$look" "${list[@]}"
  [ "$status" = 0 ]
  for name in ro nosuid nodev noexec; do
    has "$(options_on "/r/$name")" "$name"
    has "$(options_on "/r/$name/sub")" "$name"
  done
  # What is not recursive stays where it is.
  has "$(options_on /plain)" ro
  has_not "$(options_on /plain/sub)" ro
  has_not "$(options_on /plain/sub)" nosuid
  # The host's own are as they were.
  output=$(cat /proc/self/mountinfo)
  has "$(options_on "$T/tree/sub")" rw
}

@test "config.md Linux mount options: recursive attributes are cleared" {
  make_tree rw
  mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime "$T/tree/sub"
  mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime "$T/tree"
  mounts "$look" "$(bind /r tree '["rbind", "rrw", "rsuid", "rdev", "rexec"]')"
  [ "$status" = 0 ]
  local name
  for name in ro nosuid nodev noexec; do
    has_not "$(options_on /r)" "$name"
    has_not "$(options_on /r/sub)" "$name"
  done
}

@test "config.md Linux mount options: recursive access times" {
  deviates runc "asks the kernel for what it refuses" # 1.1.5
  deviates crun "asks the kernel for what it refuses" # 1.8.1
  make_tree rw
  mount -o remount,bind,noatime,nodiratime "$T/tree/sub"
  local name list=()
  for name in nodiratime diratime atime noatime relatime norelatime strictatime nostrictatime; do
    list+=("$(bind "/r/$name" tree "[\"rbind\", \"r$name\"]")")
  done
  mounts "$look" "${list[@]}"
  [ "$status" = 0 ]
  has "$(options_on /r/nodiratime)" nodiratime
  has "$(options_on /r/nodiratime/sub)" nodiratime
  has_not "$(options_on /r/diratime/sub)" nodiratime
  for name in atime relatime norelatime nostrictatime; do has "$(options_on "/r/$name/sub")" relatime; done
  has "$(options_on /r/noatime)" noatime
  has "$(options_on /r/noatime/sub)" noatime
  has_not "$(options_on /r/strictatime/sub)" relatime
  has_not "$(options_on /r/strictatime/sub)" noatime
}

@test "config.md Linux mount options: recursive nosymfollow" {
  deviates runc "takes it for data" # 1.1.5
  deviates crun "cannot set it"
  make_tree rw
  mounts "$look" "$(bind /r tree '["rbind", "rnosymfollow"]')" "$(bind /s tree '["rbind", "rnosymfollow", "rsymfollow"]')"
  has "$(options_on /r/sub)" nosymfollow
  has_not "$(options_on /s/sub)" nosymfollow
}

@test "config.md Linux mount options: propagation, each of the eight" {
  deviates crun "leaves shared ones private"
  make_tree rw
  mount --make-rshared "$T/tree"
  local name list=()
  for name in shared slave private unbindable; do
    list+=("$(bind "/p/$name" tree "[\"rbind\", \"$name\"]")" "$(bind "/p/r$name" tree "[\"rbind\", \"r$name\"]")")
  done
  mounts "$look" "${list[@]}"
  [ "$status" = 0 ]
  [[ $(propagation_on /p/shared) == *shared* ]]
  [[ $(propagation_on /p/rshared) == *shared* ]]
  [[ $(propagation_on /p/rshared/sub) == *shared* ]]
  [[ $(propagation_on /p/slave) == "master "* ]]
  [[ $(propagation_on /p/rslave/sub) == "master "* ]]
  [ "$(propagation_on /p/private)" = "" ]
  [ "$(propagation_on /p/rprivate/sub)" = "" ]
  [ "$(propagation_on /p/unbindable)" = "unbindable " ]
  [ "$(propagation_on /p/runbindable/sub)" = "unbindable " ]
  [ "$(propagation_on /p/unbindable/sub)" != "unbindable " ]
}

@test "config.md Linux mount options: what the host mounts later is seen by a slave alone" {
  deviates crun "shows it to none"
  make_tree rw
  mount --make-rshared "$T/tree"
  mkdir "$T/tree/later"
  script 'until [ -e /slave/go ]; do :; done; echo slave $(ls /slave/later); echo private $(ls /private/later)' ".mounts += [
    $(bind /slave tree '["rbind", "rslave"]'), $(bind /private tree '["rbind", "rprivate"]')]" --arg T "$T"
  run_bundle >"$T/out" 3>&- &
  local running=$!
  is_running() { [ "$(status_of "$(id)" 2>/dev/null)" = running ]; }
  eventually 20 is_running
  mount -t tmpfs later "$T/tree/later"
  touch "$T/tree/later/new" "$T/tree/go"
  wait "$running"
  cat "$T/out"
  [ "$(cat "$T/out")" = "$(printf 'slave new\nprivate')" ]
}

@test "config.md Mounts: uidMappings and gidMappings" {
  deviates runc "maps in a user namespace alone" # 1.1.5
  deviates crun "maps in a user namespace alone" # 1.8.1
  need_mapped_tmpfs
  make_tree rw
  touch "$T/tree/root" "$T/tree/user" "$T/tree/sub/root"
  chown 7:8 "$T/tree/user"
  local maps='uidMappings: [{containerID: 0, hostID: 1000, size: 10}],
    gidMappings: [{containerID: 0, hostID: 2000, size: 10}]'
  local all='rbind'
  mounts 'stat -c "%n %u:%g" /one/root /one/user /one/sub/root /all/root /all/sub/root /quiet/root /crun/root; chown 1003:2004 /one/user' \
    "$(bind /one tree "[\"$all\", \"idmap\"]") + {$maps}" "$(bind /all tree "[\"$all\", \"ridmap\"]") + {$maps}" \
    "$(bind /quiet tree "[\"$all\"]") + {$maps}" \
    "$(bind /crun tree '["bind", "idmap=uids=0-5-1;gids=0-6-1"]')"
  [[ $output == *"/one/root 1000:2000"* ]]
  [[ $output == *"/one/user 1007:2008"* ]]
  [[ $output == *"/one/sub/root 0:0"* ]]
  [[ $output == *"/all/root 1000:2000"* ]]
  [[ $output == *"/all/sub/root 1000:2000"* ]]
  [[ $output == *"/quiet/root 1000:2000"* ]]
  [[ $output == *"/crun/root 5:6"* ]]
  # On the host the ids are as ever.
  [ "$(stat -c %u:%g "$T/tree/root" "$T/tree/user" | xargs)" = "0:0 3:4" ]
}

@test "config-linux.md Rootfs Mount Propagation: what the container mounts is seen by the host where both are shared" {
  make_tree rw
  mount --make-rshared "$T/tree"
  mkdir "$T/tree/made"
  local act='mount -t tmpfs made /v/made && touch /v/made/new; until [ -e /v/go ]; do :; done'
  seen() { [ -e "$T/tree/made/new" ]; }
  script "$act" ".mounts += [$(bind /v tree '["rbind", "rshared"]')] | .linux.rootfsPropagation = \"rshared\" |
    .process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])" --arg T "$T"
  run_bundle >"$T/out" 2>&1 3>&- &
  local running=$!
  eventually 20 seen
  touch "$T/tree/go"
  wait "$running"
  # The host's own now.
  umount "$T/tree/made"
  rm "$T/tree/go"
  script 'mount -t tmpfs made /v/made && touch /v/made/new /v/done; until [ -e /v/go ]; do :; done' \
    ".mounts += [$(bind /v tree '["rbind", "rslave"]')] | .process.capabilities |= map_values(. + [\"CAP_SYS_ADMIN\"])" --arg T "$T"
  run_bundle >"$T/out" 2>&1 3>&- &
  running=$!
  is_done() { [ -e "$T/tree/done" ]; }
  eventually 20 is_done
  run seen
  [ "$status" != 0 ]
  touch "$T/tree/go"
  wait "$running"
}

in_user_namespace='.linux.namespaces += [{type: "user"}] | del(.mounts[] | select(.destination == "/dev/mqueue")) |
  .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
  .linux.gidMappings = [{containerID: 0, hostID: 200000, size: 65536}]'

@test "config.md Linux mount options: idmap by the container's own user namespace" {
  deviates runc "wants mappings of the mount's own" # 1.1.5
  need_mapped_tmpfs
  make_tree rw
  touch "$T/tree/root" "$T/tree/user"
  chown 7:8 "$T/tree/user"
  script 'stat -c "%n %u:%g" /tmp/mapped/root /tmp/mapped/user /tmp/plain/root; touch /tmp/mapped/made' "$in_user_namespace |
    .mounts += [$(bind /tmp/mapped tree '["bind", "idmap"]'), $(bind /tmp/plain tree '["bind"]')]" --arg T "$T"
  run run_bundle
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"/tmp/mapped/root 0:0"* ]]
  [[ $output == *"/tmp/mapped/user 7:8"* ]]
  [[ $output == *"/tmp/plain/root 65534:65534"* ]]
  [ "$(stat -c %u:%g "$T/tree/made")" = 0:0 ]
}

@test "crun's idmap=@: a mapping by the container's ids" {
  deviates runc "takes it for data"
  need_mapped_tmpfs
  make_tree rw
  touch "$T/tree/root"
  script 'stat -c "%n %u:%g" /tmp/mapped/root' "$in_user_namespace |
    .mounts += [$(bind /tmp/mapped tree '["bind", "idmap=uids=@0-33-1;gids=@0-44-1"]')]" --arg T "$T"
  run run_bundle
  echo "$output"
  [ "$output" = "/tmp/mapped/root 33:44" ]
}

@test "config.md Linux mount options: tmpcopyup, propagation and a read-only bind in a user namespace" {
  mkdir -p "$T/folder"
  script 'cat /etc/passwd | head -n 1; stat -f -c %T /etc; touch /etc/new && echo written; touch /tmp/b/x 2>/dev/null || echo read-only' \
    "$in_user_namespace | .mounts += [
      {destination: \"/etc\", type: \"tmpfs\", source: \"tmpfs\", options: [\"tmpcopyup\", \"mode=755\"]},
      $(bind /tmp/b folder '["bind", "ro", "rslave"]')]" --arg T "$T"
  run run_bundle
  echo "$output"
  [[ ${lines[0]} == root:* ]]
  [ "${lines[1]}" = tmpfs ]
  [[ $output == *read-only* ]]
}

@test "config.md Linux mount options: idmap without a mapping is an error" {
  deviates runc "takes it for data"
  deviates crun "tells an error and ends with 0"
  mkdir -p "$T/folder"
  mounts true "$(bind /x folder '["bind", "idmap"]')"
  [ "$status" != 0 ]
  mounts true "$(bind /x folder '["rbind", "ridmap"]')"
  [ "$status" != 0 ]
}

@test "config.md Mounts: uidMappings without gidMappings is an error" {
  deviates runc "takes it" # 1.1.5
  deviates crun "takes it"
  mkdir -p "$T/folder"
  mounts true "$(bind /x folder '["bind"]') + {uidMappings: [{containerID: 0, hostID: 1, size: 1}]}"
  [ "$status" != 0 ]
}

@test "config.md Linux mount options: tmpcopyup" {
  mkdir -p "$B/rootfs/full/deep"
  echo content >"$B/rootfs/full/deep/file"
  chmod 751 "$B/rootfs/full/deep"
  chown 12:34 "$B/rootfs/full/deep/file"
  ln -sfn deep "$B/rootfs/full/link"
  mounts 'cat /full/link/file; stat -c "%a %u:%g" /full/deep /full/deep/file; stat -f -c %T /full; echo x >/full/new' \
    '{destination: "/full", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "nosuid"]}'
  [ "${lines[0]}" = content ]
  [[ ${lines[1]} == "751 "* ]]
  [[ ${lines[2]} == *" 12:34" ]]
  [ "${lines[3]}" = tmpfs ]
  [ ! -e "$B/rootfs/full/new" ]
  rm -rf "$B/rootfs/full"
}

@test "config.md Linux mount options: remount" {
  mkdir -p "$T/folder"
  mounts "$look" "$(tmpfs data '["size=1m"]')" "$(tmpfs data '["remount", "size=3m", "nosuid"]')" \
    "$(bind /b folder '["bind"]')" "$(bind /b folder '["bind", "remount", "ro"]')"
  [ "$status" = 0 ]
  has "$(super_on /m/data)" size=3072k
  has "$(options_on /m/data)" nosuid
  has "$(options_on /b)" ro
  touch "$T/folder/still-writable"
}

@test "config.md Mounts: files and folders, by absolute and relative paths; what is missing is made" {
  mkdir -p "$B/beside"
  echo beside >"$B/beside/file"
  mounts 'cat /new/folder/file /new/file /relative/file; stat -c %F /new/file' \
    '{destination: "/new/folder", type: "none", source: "beside", options: ["bind"]}' \
    '{destination: "/new/file", type: "none", source: "beside/file", options: ["bind", "ro"]}' \
    '{destination: "relative/file", source: "beside/file", options: ["rbind"]}'
  [ "$status" = 0 ]
  [ "$(grep -cx beside <<<"$output")" = 3 ]
  grep -qx "regular file" <<<"$output"
}

@test "config.md Mounts: a source that is not there is an error that names it" {
  mounts true "$(bind /x no-such-source '["bind"]')"
  [ "$status" != 0 ]
  [[ $output == *no-such-source* ]]
}

@test "config.md Mounts: any type of file system; one that the kernel lacks is an error" {
  mkdir -p "$T/lower" "$T/stack"
  echo lower >"$T/lower/file"
  mount -t tmpfs stack "$T/stack"
  mkdir "$T/stack/upper" "$T/stack/work"
  mounts 'cat /o/file; echo new >/o/file; stat -f -c %T /r' \
    '{destination: "/o", type: "overlay", source: "overlay",
      options: ["lowerdir=" + $T + "/lower", "upperdir=" + $T + "/stack/upper", "workdir=" + $T + "/stack/work"]}' \
    '{destination: "/r", type: "ramfs", source: "ramfs", options: ["mode=700"]}'
  [ "$status" = 0 ]
  [ "${lines[0]}" = lower ]
  [ "${lines[1]}" = ramfs ]
  [ "$(cat "$T/stack/upper/file" "$T/lower/file" | xargs)" = "new lower" ]
  mounts true '{destination: "/n", type: "no-such-type", source: "x"}'
  [ "$status" != 0 ]
}

@test "config-linux.md cgroup namespace: the hierarchy that is mounted begins at the container's cgroup" {
  mounts "$look; cat /proc/self/cgroup; ls /sys/fs/cgroup/cgroup.procs; test -d /sys/fs/cgroup/test && echo the host" \
    '{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "relatime", "ro"]}'
  has "$(options_on /sys/fs/cgroup)" ro
  [[ $output == *" - cgroup2 "* ]]
  [[ $output == *"0::/"* ]]
  [[ $output != *"the host"* ]]
}

@test "config-linux.md cgroup namespace: without one the runtime's hierarchy is mounted" {
  script 'grep ^0:: /proc/self/cgroup; ls -d /sys/fs/cgroup/*/' '.mounts += [{destination: "/sys/fs/cgroup", type: "cgroup",
    source: "cgroup", options: ["ro"]}] | .linux.namespaces |= map(select(.type != "cgroup")) |
    .linux.cgroupsPath = "/shown/here"'
  run run_bundle
  echo "$output"
  [[ ${lines[0]} == *"/shown/here"* ]]
  [[ $output == *"/sys/fs/cgroup/shown/"* ]]
  rmdir /sys/fs/cgroup/shown/here /sys/fs/cgroup/shown 2>/dev/null || true
}

@test "crun's copy-symlink: a source that is a link is made anew" {
  deviates runc "takes it for data"
  deviates crun "cannot" # 1.8.1
  echo file >"$T/file"
  ln -sfn /where/ever "$T/link"
  mounts 'readlink /made/link; cat /made/file' "$(bind /made/link link '["bind", "copy-symlink"]')" \
    "$(bind /made/file file '["bind", "copy-symlink"]')"
  [ "${lines[0]}" = /where/ever ]
  [ "${lines[1]}" = file ]
}

@test "config-linux.md Rootfs Mount Propagation: each" {
  deviates runc "leaves a shared root private" # 1.1.5
  local kind
  for kind in shared slave private unbindable; do
    script "$look" ".linux.rootfsPropagation = \"$kind\""
    run run_bundle
    echo "$kind: $output"
    case $kind in
      shared) [[ $(propagation_on /) == *shared* ]] ;;
      unbindable) [ "$(propagation_on /)" = "unbindable " ] ;;
      private) [ "$(propagation_on /)" = "" ] ;;
      slave) [[ $(propagation_on /) != *shared* ]] ;;
    esac
  done
}

@test "config-linux.md Rootfs Mount Propagation: as engines write it, of the mounts below too" {
  deviates runc "leaves a shared root private" # 1.1.5
  deviates crun "fails with a root that cannot be bound"
  local kind
  for kind in rshared rslave rprivate runbindable; do
    script "$look" ".linux.rootfsPropagation = \"$kind\""
    run run_bundle
    echo "$kind: $output"
    [ "$status" = 0 ]
    case $kind in
      rshared) [[ $(propagation_on /) == *shared* && $(propagation_on /dev) == *shared* ]] ;;
      runbindable) [ "$(propagation_on /dev)" = "unbindable " ] ;;
      *) [[ $(propagation_on /dev) != *shared* ]] ;;
    esac
  done
}

@test "config-linux.md Mount Label: where SELinux is not enabled, an error that says so" {
  deviates runc "hands it to the file system, whose error it tells" # 1.1.5
  deviates crun "leaves it out"
  [ ! -e /sys/fs/selinux/enforce ] || skip "SELinux is enabled here"
  script true '.linux.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2"'
  fails_with 1 "linux.mountLabel" run_bundle
  [[ $output == *"SELinux is not enabled"* ]]
}

@test "runc's --no-pivot: the same root, for exec and setns(2) too, and none of the host's procfs" {
  script "ls / | xargs; $look"
  run runtime run --no-pivot -b "$B" "$(id)"
  echo "$output"
  [ "$status" = 0 ]
  [ "${lines[0]}" = "$(cd "$B/rootfs" && echo *)" ]
  [ "$(grep -c ' - proc ' <<<"$output")" -ge 1 ]
  config '.process.args = ["sleep", "600"]'
  runtime run --no-pivot -d -b "$B" "$(id b)" </dev/null >/dev/null 2>&1 3>&-
  run runtime exec "$(id b)" ls /
  [ "$(xargs <<<"$output")" = "$(cd "$B/rootfs" && echo *)" ]
  run nsenter -t "$(pid_of "$(id b)")" -m /bin/ls /
  [ "$(xargs <<<"$output")" = "$(cd "$B/rootfs" && echo *)" ]
}
