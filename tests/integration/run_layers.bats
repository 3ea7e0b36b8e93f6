# An image of sixty layers, by both ways to mount an overlay: fsconfig's lowerdir+ (Linux 6.8), and mount(2).
# shellcheck disable=SC2016
load "$CTR_TEST_LIB"

# busybox below, and 59 layers over it: layer N adds /layers/N, writes N to /who, and takes /layers/N-10 away.
many_layers_archive() {
  local out=$1 work=$T/many n descriptor
  mkdir -p "$work/layout/blobs/sha256"
  busybox_rootfs "$work/0"
  : >"$work/descriptors"
  : >"$work/diffs"
  for n in $(seq 0 59); do
    mkdir -p "$work/$n/layers"
    echo "$n" >"$work/$n/who"
    : >"$work/$n/layers/$n"
    [ "$n" -lt 10 ] || : >"$work/$n/layers/.wh.$((n - 10))"
    tar -C "$work/$n" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$work/$n.tar" .
    printf 'sha256:%s\n' "$(sha256sum <"$work/$n.tar" | cut -d' ' -f1)" >>"$work/diffs"
    descriptor=$(add_blob "$work/layout" "$work/$n.tar")
    echo "$descriptor" >>"$work/descriptors"
  done
  jq -cnR '{architecture:"amd64",os:"linux",config:{Cmd:["sh"],Env:["PATH=/bin"]},
    rootfs:{type:"layers",diff_ids:[inputs]}}' <"$work/diffs" >"$work/config"
  jq -cs --argjson config "$(add_blob "$work/layout" "$work/config")" '{schemaVersion:2,
    mediaType:"application/vnd.oci.image.manifest.v1+json",
    config:($config+{mediaType:"application/vnd.oci.image.config.v1+json"}),
    layers:map(.+{mediaType:"application/vnd.oci.image.layer.v1.tar"})}' <"$work/descriptors" >"$work/manifest"
  jq -cn --argjson manifest "$(add_blob "$work/layout" "$work/manifest")" '{schemaVersion:2,
    manifests:[$manifest+{mediaType:"application/vnd.oci.image.manifest.v1+json",
      annotations:{"org.opencontainers.image.ref.name":"many:latest"}}]}' >"$work/layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
  tar -C "$work/layout" -cf "$out" .
  rm -rf "$work"
}

setup_file() {
  many_layers_archive "$T/many.tar"
  ctr load -q -i "$T/many.tar"
}

looks_right() {
  [ "$(ctr run --rm many cat /who)" = 59 ]
  [ "$(ctr run --rm many sh -c 'ls /layers | sort -n | tr "\n" " "')" = "$(seq -s ' ' 50 59) " ]
  ctr run --name writes many sh -c 'echo mine >/who; rm /layers/55; rm -r /root; mkdir /root'
  ctr start -a writes
  ctr rm writes
  [ "$(ctr run --rm many cat /who)" = 59 ]
}

@test "sixty layers as the kernel takes them" {
  looks_right
}

@test "sixty layers without lowerdir+" {
  export CTR_TEST_OVERLAY_BY_MOUNT=1
  looks_right
  # Nothing of it is mounted outside the container.
  ctr run -d --rm --name there many sleep 100
  if grep "$T.*overlay\|overlay.*$T" /proc/self/mountinfo; then return 1; fi
  ctr rm -f there
}

@test "layers in folders with long names" {
  long=$T/$(printf 'x%.0s' $(seq 120))/$(printf 'y%.0s' $(seq 120))
  mkdir -p "$long"
  far() { "$CTR" --root "$long/root" --run-root "$T/run.far" "$@"; }
  far load -q -i "$T/many.tar"
  [ "$(far run --rm many cat /who)" = 59 ]
  CTR_TEST_OVERLAY_BY_MOUNT=1
  export CTR_TEST_OVERLAY_BY_MOUNT
  [ "$(far run --rm many cat /who)" = 59 ]
}
