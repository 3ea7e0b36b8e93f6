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
  a_layer >"$T/layer.tar"
  unpack "$T/folder" <"$T/layer.tar" >"$T/report"
  [ "$(jq -r .diffId "$T/report")" = "sha256:$(sha256sum <"$T/layer.tar" | cut -d' ' -f1)" ]
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

@test "every kind of entry passes the filter: foreign owners, set-id modes, xattrs, capabilities, holes, duplicates" {
  mkdir "$T/kinds"
  python3 - "$T/kinds.tar" <<'END'
import io, struct, sys, tarfile
capability = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0).decode("latin-1")
with tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT, encoding="latin-1") as tar:
    def add(name, kind=tarfile.REGTYPE, content=b"", mode=0o644, pax=None, **more):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.size, info.uid, info.gid = kind, mode, len(content), 5, 6
        info.pax_headers = pax or {}
        for key, value in more.items():
            setattr(info, key, value)
        tar.addfile(info, io.BytesIO(content))
    for turn in (1, 2):
        add("./", tarfile.DIRTYPE, mode=0o750)
        add("d", tarfile.DIRTYPE, mode=0o2775, pax={"SCHILY.xattr.user.d": "1"})
        add("d/setuid", content=b"x" * 100000, mode=0o6755, pax={"SCHILY.xattr.user.f": "1"})
        add("d/capable", content=b"x", mode=0o755, pax={"SCHILY.xattr.security.capability": capability})
        add("d/hard", tarfile.LNKTYPE, linkname="d/setuid")
        add("d/soft", tarfile.SYMTYPE, linkname="setuid")
        add("d/fifo", tarfile.FIFOTYPE, mode=0o4600)
        add("d/null", tarfile.CHRTYPE, mode=0o2666, devmajor=1, devminor=3)
        add("d/disk", tarfile.BLKTYPE, devmajor=8, devminor=0)
        add("d/.wh.gone")
        add("opaque", tarfile.DIRTYPE)
        add("opaque/.wh..wh..opq")
        add("x", content=b"1\n8192\n5\n" + bytes(503) + b"hello", pax={
            "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "holes", "GNU.sparse.realsize": "10000"})
        add("swapped", tarfile.DIRTYPE)
        add("swapped/deep", tarfile.DIRTYPE)
        add("swapped/deep/file", content=b"x" * 100000)
        add("swapped", content=b"a file now")
END
  unpack "$T/kinds" <"$T/kinds.tar" >"$T/report"
  cat "$T/report"
  [ "$(jq -r .diffId "$T/report")" = "sha256:$(sha256sum <"$T/kinds.tar" | cut -d' ' -f1)" ]
  [ "$(cd "$T/kinds" && find . -printf '%p %y %m %U:%G %s %l\n' | sed 's/^\(\S* d \S* \S*\) .*/\1/' | sort)" = ". d 750 5:6
./d d 2775 5:6
./d/capable f 755 5:6 1 
./d/disk b 644 5:6 0 
./d/fifo p 4600 5:6 0 
./d/gone c 0 0:0 0 
./d/hard f 6755 5:6 100000 
./d/null c 2666 5:6 0 
./d/setuid f 6755 5:6 100000 
./d/soft l 777 5:6 6 setuid
./holes f 644 5:6 10000 
./opaque d 644 5:6
./swapped f 644 5:6 10 " ]
  [[ $(getcap "$T/kinds/d/capable") == *cap_net_raw* ]]
  [ "$(getfattr --only-values -n user.overlay.opaque "$T/kinds/opaque")" = y ]
  [ "$(getfattr --only-values -n user.d "$T/kinds/d")" = 1 ]
  [ "$(stat -c %h "$T/kinds/d/setuid")" = 2 ]
}
