# Images made by hand, with roots and configs that no builder makes. Loaded after $CTR_TEST_LIB.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2016  # bats' own variables; filters for jq

# new_root: a folder with busybox to spoil. Sets R.
new_root() {
  R=$T/spoiled
  rm -rf "$R"
  mkdir -p "$R"
  busybox_rootfs "$R"
}

# load_root NAME [FILTER [jq's arguments]]: makes an image of R; FILTER changes its config. Keeps R.
load_root() {
  local name=$1 filter=${2:-.} work diff_id layer config manifest
  shift
  [ $# = 0 ] || shift
  work=$(mktemp -d "$T/image.XXXXXX")
  mkdir -p "$work/layout/blobs/sha256"
  tar -C "$R" --sort=name --numeric-owner -cf "$work/layer.tar" .
  diff_id=$(sha256sum <"$work/layer.tar" | cut -d' ' -f1)
  layer=$(add_blob "$work/layout" "$work/layer.tar")
  jq -cn --arg diff "sha256:$diff_id" '{architecture: "amd64", os: "linux", config: {Env: ["PATH=/bin"], Cmd: ["sh"]},
    rootfs: {type: "layers", diff_ids: [$diff]}}' | jq -c "$@" "$filter" >"$work/config"
  config=$(add_blob "$work/layout" "$work/config")
  jq -cn --argjson layer "$layer" --argjson config "$config" '{schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: ($config + {mediaType: "application/vnd.oci.image.config.v1+json"}),
    layers: [$layer + {mediaType: "application/vnd.oci.image.layer.v1.tar"}]}' >"$work/manifest"
  manifest=$(add_blob "$work/layout" "$work/manifest")
  jq -cn --argjson manifest "$manifest" --arg name "$name:latest" '{schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json", manifests: [$manifest +
      {mediaType: "application/vnd.oci.image.manifest.v1+json",
       annotations: {"org.opencontainers.image.ref.name": $name}}]}' >"$work/layout/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"
  tar -C "$work/layout" -cf "$work.tar" .
  ctr load -q -i "$work.tar"
  rm -rf "$work" "$work.tar"
  ctr image inspect "$name" >/dev/null
}
