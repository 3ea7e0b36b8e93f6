# The walls around ctr-image-unpack, seen from outside while it waits for its input, and its refusal to work without.
load "$CTR_TEST_LIB"

UNPACK=$CTR_LIBEXEC/ctr-image-unpack
JOB='{"version":1,"layer":{"offset":0,"size":18446744073709551615,"seekable":false,"blobDigest":false,"complete":true,"lowers":0,"twoThreads":true}}'

# unpack FOLDER: with a layer on stdin; prints the report.
unpack() { "$UNPACK" "$JOB" 3<"$1" 4>"$T/record"; }

a_layer() {
  mkdir -p "$T/tree/d"
  echo content >"$T/tree/d/file"
  tar -C "$T/tree" -c d
}

@test "it unpacks into the folder that it is given" {
  mkdir "$T/folder"
  a_layer | unpack "$T/folder" >"$T/report"
  [ "$(jq -r .diffId "$T/report")" = "sha256:$(a_layer | sha256sum | cut -d' ' -f1)" ]
  [ "$(cat "$T/folder/d/file")" = content ]
}

@test "the host's root as its folder is refused, and nothing is written" {
  a_layer >"$T/layer.tar"
  run unpack / <"$T/layer.tar"
  [[ $output == *"the folder is the host's root"* ]]
  [ ! -e /d ]
}

@test "a folder that holds something is refused" {
  mkdir "$T/full"
  touch "$T/full/something"
  a_layer >"$T/layer.tar"
  run unpack "$T/full" <"$T/layer.tar"
  [[ $output == *"is not empty"* ]]
}

@test "without the right to build a wall it ends" {
  mkdir "$T/poor"
  a_layer >"$T/layer.tar"
  run setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$UNPACK" "$JOB" 3<"$T/poor" 4>"$T/record" <"$T/layer.tar"
  [[ $output == *'"failure"'*"sandbox: "*"operation not permitted"* ]]
  [ -z "$(ls "$T/poor")" ]
}

@test "behind the walls: no host files, no network, few rights, a filter; and it ends with its parent" {
  mkdir "$T/walled"
  mkfifo "$T/input"
  exec 8<>"$T/input"
  # A parent that is killed below.
  bash -c '"$1" "$2" <"$3" 3<"$4" 4>"$5" | cat >/dev/null; true' - "$UNPACK" "$JOB" "$T/input" "$T/walled" "$T/record" 3>&- 8>&- &
  local parent=$! pid
  eventually 10 find_child "$parent"
  pid=$(find_child "$parent")
  eventually 10 grep -q '^Seccomp:.2$' "/proc/$pid/status"
  grep '^NoNewPrivs:.1$' "/proc/$pid/status"
  # chown, dac_override, fowner, fsetid, mknod, setfcap
  [ "$(awk '/^CapEff/ {print $2}' "/proc/$pid/status")" = 000000008800001b ]
  [ "$(awk '/^CapBnd/ {print $2}' "/proc/$pid/status")" = 000000008800001b ]
  [ "$(stat -Lc %i "/proc/$pid/root")" = "$(stat -c %i "$T/walled")" ]
  [ "$(wc -l <"/proc/$pid/mountinfo")" = 1 ]
  [[ $(cat "/proc/$pid/mountinfo") == *nosuid*nodev*noexec* ]]
  local kind
  for kind in mnt net ipc uts; do
    [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/$$/ns/$kind")" ]
  done
  # Its input, report, errors, folder and record, and the new root.
  [ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" = 6 ]
  kill -KILL "$parent" $(pgrep -P "$parent" cat)
  exec 8>&-
  eventually 10 gone "$pid"
}
find_child() { pgrep -P "$1" ctr-image-unpac; }
gone() { ! kill -0 "$1" 2>/dev/null; }
