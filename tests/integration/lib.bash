# Loaded by each bats file: load "$CTR_TEST_LIB". Started by tests/integration/run.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status and output are bats' own

# Every file works below these; T is removed with all in it after the file's last test.
T=${CTR_TEST_WORK:?start this file with tests/integration/run}/t
CTR=$CTR_STAGE/usr/bin/ctr
RUNTIME=${RUNTIME:-$CTR_STAGE/usr/bin/ctr-runtime}
BUSYBOX=/bin/busybox
export T CTR RUNTIME BUSYBOX
# The programs beside those under test, not installed ones.
export CTR_LIBEXEC=$CTR_STAGE/usr/libexec/ctr

# The command under test, with this file's own folders. `run ctr …` works too.
ctr() { "$CTR" --root "$T/root" --run-root "$T/run" "$@"; }

# The runtime under test (RUNTIME=runc and RUNTIME=crun test the tests).
runtime() { "$RUNTIME" --root "$T/runtime" "$@"; }
runtime_name() { basename "$RUNTIME"; }

# skip_unless COMMAND…: skips the test, with the reason, where the command fails.
skip_unless() {
  local reason=$1
  shift
  "$@" >/dev/null 2>&1 || skip "$reason"
}

# A root folder of Debian's static busybox with a link for every applet.
busybox_rootfs() {
  local root=$1
  mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,root,var,run,home}
  chmod 1777 "$root/tmp"
  cp "$BUSYBOX" "$root/bin/busybox"
  # One process for all links: a fork costs 10 ms in the test kernel.
  chroot "$root" /bin/busybox --install -s /bin
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\nuser:x:1000:1000::/home:/bin/sh\n' \
    >"$root/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\nuser:x:1000:\nextra:x:2000:user\n' >"$root/etc/group"
}

# busybox_archive FILE [NAME]: an OCI layout in a tar with one gzip layer, made without any engine. The config has
# PATH and the command sh. NAME (default busybox:latest) is its org.opencontainers.image.ref.name.
busybox_archive() {
  local out=$1 name=${2:-busybox:latest} work
  work=$(mktemp -d "$T/archive.XXXXXX")
  busybox_rootfs "$work/root"
  mkdir -p "$work/layout/blobs/sha256"
  tar -C "$work/root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/layer.tar" .
  local diff_id layer config manifest
  diff_id=$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)
  gzip -n1 "$work/layer.tar"
  layer=$(add_blob "$work/layout" "$work/layer.tar.gz")
  jq -cn --arg diff "sha256:$diff_id" '{architecture:"amd64",os:"linux",created:"1970-01-01T00:00:00Z",
    config:{Env:["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],Cmd:["sh"],WorkingDir:"/"},
    rootfs:{type:"layers",diff_ids:[$diff]},
    history:[{created:"1970-01-01T00:00:00Z",created_by:"busybox-static"}]}' >"$work/config"
  config=$(add_blob "$work/layout" "$work/config")
  jq -cn --argjson layer "$layer" --argjson config "$config" '{schemaVersion:2,
    mediaType:"application/vnd.oci.image.manifest.v1+json",
    config:($config+{mediaType:"application/vnd.oci.image.config.v1+json"}),
    layers:[$layer+{mediaType:"application/vnd.oci.image.layer.v1.tar+gzip"}]}' >"$work/manifest"
  manifest=$(add_blob "$work/layout" "$work/manifest")
  jq -cn --argjson manifest "$manifest" --arg name "$name" '{schemaVersion:2,
    mediaType:"application/vnd.oci.image.index.v1+json",
    manifests:[$manifest+{mediaType:"application/vnd.oci.image.manifest.v1+json",
      annotations:{"org.opencontainers.image.ref.name":$name}}]}' >"$work/layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
  tar -C "$work/layout" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$out" .
  rm -rf "$work"
}

# Moves a file into a layout's blobs; prints {"digest", "size"}.
add_blob() {
  local layout=$1 file=$2 digest
  digest=$(sha256sum <"$file" | cut -d' ' -f1)
  printf '{"digest":"sha256:%s","size":%s}' "$digest" "$(stat -c %s "$file")"
  mv "$file" "$layout/blobs/sha256/$digest"
}

# The busybox image in this file's store; for setup_file.
load_busybox() {
  busybox_archive "$T/busybox.tar"
  ctr load -q -i "$T/busybox.tar"
}

# fails_with CODE TEXT COMMAND…: it exits with CODE and says TEXT (a part of stdout and stderr).
fails_with() {
  local code=$1 text=$2
  shift 2
  run "$@"
  [ "$status" = "$code" ] || { echo "exit $status, not $code: $output"; return 1; }
  [[ $output == *"$text"* ]] || { echo "does not say '$text': $output"; return 1; }
}

# eventually SECONDS COMMAND…: tries it until it holds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || { echo "still not so: $*"; return 1; }
    sleep 0.1
  done
}
