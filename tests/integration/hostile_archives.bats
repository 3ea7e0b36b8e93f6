# Archives that no honest tool writes (tests/data/hostile/make): each is refused with its file, entry and offset and
# nothing of it stays, or it is kept in its place.
load "$CTR_TEST_LIB"

setup_file() {
  export HOSTILE=$BATS_TEST_DIRNAME/../data/hostile/make
  mkdir -p "$T/archives"
  # What a hostile archive would like to reach: beside the store, and at the usual places.
  echo untouched >"$T/escaped-beside"
}

make_archive() { python3 "$HOSTILE" "$1" "$T/archives/$1.tar"; }

nothing_left() {
  [ -z "$(ctr images -q)" ]
  local folder
  for folder in layers records drafts intents; do
    [ -d "$T/root/$folder" ] || continue
    [ -z "$(find "$T/root/$folder" -mindepth 1)" ] || { find "$T/root/$folder"; return 1; }
  done
}

nothing_outside() {
  [ "$(cat "$T/escaped-beside")" = untouched ]
  [ ! -e /escaped ] && [ ! -e "$T/escaped" ] && [ ! -e "$T/root/escaped" ] && [ ! -e "$T/root/layers/escaped" ]
  [ ! -e /tmp/escaped ]
}

# refused CASE TEXT: 125, a message with the file and TEXT, and nothing left.
refused() {
  make_archive "$1"
  fails_with 125 "$2" ctr load -i "$T/archives/$1.tar"
  [[ $output == *"$1.tar"* ]] || { echo "does not name the file: $output"; return 1; }
  [ "${#lines[@]}" = 1 ] || { echo "not one line: $output"; return 1; }
  nothing_left
  nothing_outside
  rm "$T/archives/$1.tar"
}

@test "names that lead out are refused" {
  refused absolute "entry '/etc/passwd' at byte 0: absolute names are refused"
  refused dotdot "entry '../escaped' at byte 0: names with '..' are refused"
  refused dotdot-inside "names with '..' are refused"
}

@test "writing through a symlink is refused (CVE-2019-10152's kind)" {
  refused through-symlink "entry 'out/escaped' at byte 512: its path goes through 'out', where there is a symlink"
  refused through-relative-symlink "goes through 'out'"
  refused folder-swapped "goes through 'd'"
  refused whiteout-through-symlink "goes through 'out'"
}

@test "hard links that lead out are refused" {
  refused hardlink-out "its hard link target '../../../../etc/shadow': names with '..' are refused"
  refused hardlink-absolute "absolute names are refused"
  refused hardlink-through-symlink "goes through a symlink"
  refused hardlink-nowhere "which no layer has"
}

@test "whiteouts of what is no name are refused" {
  refused whiteout-dotdot "a whiteout of '..' is refused"
  refused whiteout-dot "a whiteout of '.' is refused"
  refused whiteout-empty "a whiteout of '' is refused"
  refused below-whiteout "goes through a whiteout"
}

@test "overlayfs' own marks are refused" {
  refused xattr-opaque "xattr 'user.overlay.opaque' would change what overlayfs shows"
  refused xattr-redirect "user.overlay.redirect"
  refused xattr-trusted "trusted.overlay.metacopy"
  refused device-0-0 "a device 0:0 is overlayfs' whiteout"
}

@test "a layer whose top is a symlink is refused (CVE-2021-29136)" {
  refused top-symlink "the archive's top must be a folder"
}

@test "what is too deep, too long or too large is refused" {
  refused deep "deeper than 256 folders"
  refused long-name "more than 255 bytes"
  refused long-path "more than 4095 bytes"
  refused owner "user id 4294967295 is out of range"
  refused pax-size "at byte 0"
  refused pax-sparse "bytes of files"
}

@test "a bomb is refused before it fills the disk" {
  make_archive bomb
  ctr load -i "$T/archives/bomb.tar" >"$T/bomb.out" 2>&1 &
  local pid=$! most=0 now
  while kill -0 "$pid" 2>/dev/null; do
    now=$(du -sm "$T/root" 2>/dev/null | cut -f1)
    [ "${now:-0}" -le "$most" ] || most=$now
    sleep 0.2
  done
  if wait "$pid"; then return 1; fi
  grep "it unpacks to more than 250 times its size" "$T/bomb.out"
  echo "at most $most MB on disk"
  [ "$most" -lt 1500 ]
  nothing_left
}

@test "damaged layers are refused" {
  refused bad-checksum "tar at byte 1024: Damaged tar archive"
  refused truncated "runcated"
  refused no-tar "tar at byte 0"
  refused wrong-diff-id "its diff id is sha256:"
}

@test "malformed configurations and manifests are refused" {
  refused diff-id-form "rootfs.diff_ids"
  refused diff-id-count "has 0 diff ids for 1 layers"
  refused config-list "not an object"
  refused manifest-empty "manifest.json: not a list of images"
  refused manifest-no-json "manifest.json: not JSON at line 2, column 12"
  refused manifest-deep "nested deeper than 64"
  refused manifest-config-out "which is not in the archive"
  refused manifest-bad-name "is not an image's name"
}

@test "hostile outer archives are refused" {
  refused outer-absolute "entry '/tmp/escaped' at byte"
  refused outer-device "files and links only"
  refused outer-twice "two entries of this name"
  refused outer-link-loop "too many links"
  refused outer-link-out "its link leads out of the archive"
  refused outer-many "more than 65536 entries"
  refused outer-empty "it holds no images"
  refused outer-nothing "it holds no images"
  refused outer-gzip-cut "damaged gzip data near byte"
  refused outer-bzip2 "compressed by bzip2"
}

@test "a body that is both a manifest and an index is refused (CVE-2021-41190)" {
  refused oci-both-kinds "could be read as a manifest and as an index"
}

@test "digests are checked before they become paths (CVE-2024-3727)" {
  refused oci-digest-path "manifests[0].digest is not of the form"
  refused oci-digest-missing "which is not in the archive"
}

# loaded CASE: it is taken; DIFF is its uppermost layer's folder.
# shellcheck disable=SC2034  # tests use it
loaded() {
  make_archive "$1"
  ctr load -q -i "$T/archives/$1.tar"
  nothing_outside
  DIFF=$(find "$T/root/layers" -mindepth 1 -maxdepth 1 -newer "$T/archives/$1.tar" | head -n 1)
  rm "$T/archives/$1.tar"
}
drop() { ctr rmi -f hostile:latest >/dev/null && nothing_left; }
find_in_layers() { find "$T/root/layers" -mindepth 2 -path "$T/root/layers/*/$1"; }

@test "of duplicates the last wins" {
  loaded ok-duplicates
  grep -rl two "$T/root/layers" | grep etc/passwd
  if grep -rl one "$T/root/layers"; then return 1; fi
  drop
}

@test "symlinks that lead out are kept and not followed" {
  loaded ok-symlinks-out
  [ "$(readlink "$(find_in_layers up)")" = ../../../../.. ]
  drop
}

@test "a fifo as /etc/passwd is kept, and hangs nobody (CVE-2018-20699, CVE-2024-9676)" {
  loaded ok-fifo-passwd
  [ -n "$(find "$T/root/layers" -path '*/etc/passwd' -type p)" ]
  run timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" run --rm -u nobody hostile:latest
  [ "$status" != 124 ]
  drop
}

@test "device nodes are kept where only we can reach them" {
  loaded ok-devices
  [ "$(stat -c %t:%T "$(find_in_layers dev/sda)")" = 8:0 ]
  [ "$(stat -c %a "$T/root/layers")" = 700 ]
  drop
}

@test "a hundred thousand entries take bounded time and memory" {
  loaded ok-many
  [ "$(find "$T/root/layers" -type f -name 'f*' | wc -l)" = 100000 ]
  drop
}

@test "a whiteout of the layer's own file hides what is below it, not that file" {
  loaded ok-whiteout-of-own
  [ "$(cat "$(find_in_layers etc/mine)")" = x ]
  drop
}

@test "set-uid files in the store are out of others' reach (CVE-2021-41091)" {
  loaded ok-setuid
  [ "$(stat -c %a "$(find_in_layers bin/su)")" = 4755 ]
  [ "$(stat -c %a "$T/root/layers")" = 700 ]
  drop
}
