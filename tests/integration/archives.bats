# load, save and import: what others write we read, what we write they read, and the bytes stay the same.
load "$CTR_TEST_LIB"

setup_file() {
  busybox_archive "$T/busybox.tar" docker.io/library/busybox:latest
  ctr load -q -i "$T/busybox.tar"
}

# A ctr with a store of its own.
other() { "$CTR" --root "$T/other" --run-root "$T/other-run" "$@"; }
id_of() { ctr images -q --no-trunc "$1"; }
forget_other() { rm -rf "$T/other" "$T/other-run"; }
teardown() { forget_other; }

# Copies with skopeo; quietly, and without looking at signatures.
copy() {
  command -v skopeo >/dev/null || skip "no skopeo"
  skopeo --insecure-policy copy -q "$@"
}

@test "what skopeo writes is loaded: docker-archive and OCI; plain, gzip and zstd; by name and by stdin" {
  copy "oci-archive:$T/busybox.tar:docker.io/library/busybox:latest" "docker-archive:$T/docker.tar:busybox:latest"
  copy "docker-archive:$T/docker.tar" "oci-archive:$T/oci.tar:docker.io/library/busybox:latest"
  local file id='' got
  gzip -k "$T/docker.tar"
  zstd -q "$T/oci.tar" -o "$T/oci.tar.zst"
  for file in docker.tar docker.tar.gz oci.tar oci.tar.zst; do
    # From one form to the other skopeo writes another configuration.
    [ "$file" != oci.tar ] || id=''
    forget_other
    run other load -i "$T/$file"
    [ "$output" = "Loaded image: busybox:latest" ]
    got=$(other images -q --no-trunc busybox)
    [ -z "$id" ] || [ "$got" = "$id" ]
    id=$got
    forget_other
    [ "$(other load <"$T/$file")" = "Loaded image: busybox:latest" ]
    forget_other
    # A pipe cannot be read twice.
    [ "$(other load <"$T/$file")" = "Loaded image: busybox:latest" ]
    [ "$(other images -q --no-trunc busybox)" = "$id" ]
  done
}

@test "layers that are compressed by zstd, or by gzip in many members" {
  command -v umoci >/dev/null || skip "no umoci"
  python3 - "$T" <<'END'
import gzip, hashlib, io, json, subprocess, sys, tarfile
T = sys.argv[1]
def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
first, second = tar(("first", b"1" * 100000)), tar(("second", b"2" * 100000))
members = b"".join(gzip.compress(first[at:at + 30000]) for at in range(0, len(first), 30000))
frames = b"".join(subprocess.run(["zstd", "-qc"], input=second[at:at + 30000], capture_output=True, check=True).stdout
                  for at in range(0, len(second), 30000))
config = json.dumps({"os": "linux", "architecture": "amd64",
                     "rootfs": {"type": "layers", "diff_ids": [digest(first), digest(second)]}}).encode()
def descriptor(kind, data, **more):
    return dict({"mediaType": "application/vnd.oci.image." + kind, "digest": digest(data), "size": len(data)}, **more)
manifest = json.dumps({"schemaVersion": 2, "config": descriptor("config.v1+json", config), "layers": [
    descriptor("layer.v1.tar+gzip", members), descriptor("layer.v1.tar+zstd", frames)]}).encode()
index = json.dumps({"schemaVersion": 2, "manifests": [descriptor("manifest.v1+json", manifest,
    annotations={"org.opencontainers.image.ref.name": "packed:1"})]}).encode()
open(T + "/packed.tar", "wb").write(tar(("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", index),
    *[("blobs/sha256/" + digest(data)[7:], data) for data in (config, manifest, members, frames)]))
END
  [ "$(other load -i "$T/packed.tar")" = "Loaded image: packed:1" ]
  [ "$(find "$T/other/layers" -name first -size 100000c | wc -l)" = 1 ]
  [ "$(find "$T/other/layers" -name second -size 100000c | wc -l)" = 1 ]
}

@test "what we save others read, with the same digests" {
  ctr save -o "$T/saved.tar" busybox
  local id
  id=$(id_of busybox)
  copy "docker-archive:$T/saved.tar:busybox:latest" "dir:$T/from-docker"
  [ "$(jq -r .config.digest "$T/from-docker/manifest.json")" = "$id" ]
  copy "oci-archive:$T/saved.tar:latest" "dir:$T/from-oci"
  [ "$(jq -r .config.digest "$T/from-oci/manifest.json")" = "$id" ]
  # Each layer's bytes are those that the diff id stands for: skopeo has checked it, and so do we.
  local layer
  for layer in $(jq -r '.layers[].digest' "$T/from-oci/manifest.json"); do
    [ "sha256:$(sha256sum <"$T/from-oci/${layer#sha256:}" | cut -d' ' -f1)" = "$layer" ]
    ctr image inspect --format '{{json .RootFS.Layers}}' busybox | grep "$layer"
  done
}

@test "podman loads what we save" {
  command -v podman >/dev/null || skip "no podman"
  ctr save -o "$T/for-podman.tar" busybox
  podman() { command podman --root "$T/podman" --runroot "$T/podman-run" --storage-driver vfs "$@"; }
  podman load -q -i "$T/for-podman.tar"
  [ "sha256:$(podman image inspect --format '{{.Id}}' docker.io/library/busybox:latest)" = "$(id_of busybox)" ]
  ctr save --format oci-archive -o "$T/for-podman-oci.tar" busybox
  podman rmi -f docker.io/library/busybox:latest >/dev/null
  podman load -q -i "$T/for-podman-oci.tar"
  [ "sha256:$(podman image inspect --format '{{.Id}}' docker.io/library/busybox:latest)" = "$(id_of busybox)" ]
}

@test "umoci unpacks what we save to the same tree" {
  command -v umoci >/dev/null || skip "no umoci"
  ctr save -o "$T/for-umoci.tar" busybox
  mkdir "$T/layout"
  tar -C "$T/layout" -xf "$T/for-umoci.tar"
  umoci unpack --image "$T/layout:latest" "$T/bundle" >/dev/null 2>&1
  local layer
  layer=$(find "$T/root/layers" -mindepth 1 -maxdepth 1 | head -n 1)
  tree() { (cd "$1" && find . -mindepth 1 \( -type d -printf '%P d %m %U:%G %T@\n' \) -o -printf '%P %y %m %U:%G %s %l %T@\n' | sort); }
  [ "$(tree "$layer" | wc -l)" -gt 100 ]
  diff <(tree "$layer") <(tree "$T/bundle/rootfs")
}

@test "save and load in a circle give the same bytes" {
  ctr save busybox >"$T/one.tar"
  [ "$(other load -q -i "$T/one.tar")" = "" ]
  other save busybox >"$T/two.tar"
  cmp "$T/one.tar" "$T/two.tar"
}

@test "two names and two images in one archive, each layer once" {
  ctr tag busybox again:1
  ctr save -o "$T/both.tar" busybox again:1
  [ "$(tar -tf "$T/both.tar" | sort | uniq -d)" = "" ]
  run other load -i "$T/both.tar"
  [[ $output == *"Loaded image: busybox:latest"* && $output == *"Loaded image: again:1"* ]]
  [ "$(other images -q --no-trunc | sort -u | wc -l)" = 1 ]
  [ "$(find "$T/other/layers" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
  ctr rmi again:1
}

@test "loading what is there already adds nothing" {
  local before
  before=$(find "$T/root/layers" | sort | sha256sum)
  ctr load -q -i "$T/busybox.tar"
  [ "$(find "$T/root/layers" | sort | sha256sum)" = "$before" ]
}

@test "a layer without entries for its parents takes them from below, a symlink there is followed" {
  python3 - "$T/partial.tar" <<'END'
import hashlib, io, json, sys, tarfile
def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, data, link, mode in entries:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mode, info.size, info.mtime = kind, link, mode, len(data), 1000000000
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
base = tar(("usr", tarfile.DIRTYPE, b"", "", 0o751), ("usr/lib", tarfile.DIRTYPE, b"", "", 0o711),
           ("lib", tarfile.SYMTYPE, b"", "usr/lib", 0o777), ("usr/lib/a", tarfile.REGTYPE, b"a", "", 0o640))
upper = tar(("lib/b", tarfile.REGTYPE, b"b", "", 0o644), ("linked", tarfile.LNKTYPE, b"", "lib/a", 0o640))
config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [
    "sha256:" + hashlib.sha256(data).hexdigest() for data in (base, upper)]}}).encode()
manifest = json.dumps([{"Config": "c.json", "RepoTags": ["partial:1"], "Layers": ["1.tar", "2.tar"]}]).encode()
open(sys.argv[1], "wb").write(tar(*[(name, tarfile.REGTYPE, data, "", 0o644) for name, data in (
    ("c.json", config), ("1.tar", base), ("2.tar", upper), ("manifest.json", manifest))]))
END
  other load -q -i "$T/partial.tar"
  local upper
  upper=$(dirname "$(find "$T/other/layers" -name linked)")
  [ "$(cat "$upper/usr/lib/b")" = b ]
  [ "$(cat "$upper/linked")" = a ]
  [ "$(stat -c '%a %Y' "$upper/usr")" = "751 1000000000" ]
  [ ! -e "$upper/lib" ]
  # And its own tar is still what its diff id says.
  other save partial:1 >"$T/partial-saved.tar"
  forget_other
  other load -q -i "$T/partial-saved.tar"
}

@test "an image with one layer twice runs" {
  busybox_rootfs "$T/twice"
  python3 - "$T" <<'END'
import hashlib, io, json, subprocess, sys, tarfile
T = sys.argv[1]
def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()
root = subprocess.run(["tar", "-C", T + "/twice", "-c", "."], capture_output=True, check=True).stdout
empty, again, gone = bytes(1024), tar(("again", b"1")), tar((".wh.again", b""), ("other", b"2"))
layers = [root, empty, again, gone, empty, again]
config = json.dumps({"os": "linux", "architecture": "amd64", "config": {"Env": ["PATH=/bin"]}, "rootfs": {
    "type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(data).hexdigest() for data in layers]}}).encode()
manifest = json.dumps([{"Config": "c.json", "RepoTags": ["twice:1"],
                        "Layers": ["%d.tar" % number for number in range(len(layers))]}]).encode()
open(T + "/twice.tar", "wb").write(tar(("c.json", config), ("manifest.json", manifest),
                                       *[("%d.tar" % number, data) for number, data in enumerate(layers)]))
END
  ctr load -q -i "$T/twice.tar"
  [ "$(ctr run --rm twice:1 cat /again /other)" = 12 ]
  ctr save twice:1 | other load -q
  ctr rmi twice:1
}

@test "an image that was built is saved with the bytes that its diff ids stand for" {
  mkdir -p "$T/context/d"
  echo one >"$T/context/d/one"
  chmod 4711 "$T/context/d/one"
  printf 'FROM busybox\nCOPY d /d\nRUN rm /etc/group && mkdir -p /new/deep && echo x > /new/deep/x\nRUN rm -rf /new && mkdir /new && ln -s x /new/l\n' \
    >"$T/context/Dockerfile"
  ctr build -q -t built:1 "$T/context"
  ctr save -o "$T/built.tar" built:1
  copy "docker-archive:$T/built.tar:built:1" "oci-archive:$T/built-oci.tar:built:1"
  other load -q -i "$T/built.tar"
  [ "$(other images -q --no-trunc built:1)" = "$(id_of built:1)" ]
  # Unpacked again the layers are the same trees: hard links, whiteouts, opaque folders.
  other run --rm built:1 sh -c 'test -u /d/one && test ! -e /etc/group && test -L /new/l && test ! -e /new/deep'
  other save built:1 >"$T/built-again.tar"
  cmp "$T/built.tar" "$T/built-again.tar"
  ctr rmi built:1
}

@test "import makes an image of one layer, of any tar" {
  mkdir -p "$T/tree/etc" "$T/tree/bin"
  echo hello >"$T/tree/etc/hello"
  cp "$BUSYBOX" "$T/tree/bin/sh"
  local id
  id=$(tar -C "$T/tree" -cz etc/hello bin | other import --change 'CMD ["/bin/sh"]' --change 'ENV A=b' -m "from a tree" - tree:1)
  [[ $id == sha256:* ]]
  [ "$(other images -q --no-trunc tree:1)" = "$id" ]
  [ "$(other image inspect --format '{{json .Config.Cmd}}' tree:1)" = '["/bin/sh"]' ]
  [[ $(other image inspect --format '{{json .Config.Env}}' tree:1) == *'"A=b"'* ]]
  [ "$(find "$T/other/layers" -path '*/etc/hello' | wc -l)" = 1 ]
  fails_with 125 "tar at byte 0" other import "$CTR"
}

@test "load killed at any moment leaves a store that the next command finds in order" {
  local step
  # Large enough to be hit in each part of its way.
  copy "oci-archive:$T/busybox.tar:docker.io/library/busybox:latest" "docker-archive:$T/killed.tar:killed:1"
  for step in 0.005 0.01 0.02 0.03 0.05 0.08 0.12 0.2 0.3; do
    timeout -s KILL "$step" "$CTR" --root "$T/other" --run-root "$T/other-run" load -q -i "$T/killed.tar" 2>/dev/null || true
    # Its helpers end with it.
    eventually 10 no_helper
    other images -q >"$T/listed"
    if [ ! -s "$T/listed" ]; then
      other load -q -i "$T/busybox.tar"
      other rmi busybox >/dev/null
      [ -z "$(find "$T/other/layers" "$T/other/records" "$T/other/drafts" "$T/other/intents" -mindepth 1)" ]
    else
      other rmi killed:1 >/dev/null
    fi
  done
}
# Of this file: other files load at the same time.
no_helper() {
  local pid
  # shellcheck disable=SC2013  # a number a line
  for pid in $(cat /sys/fs/cgroup/test/cgroup.procs); do
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) != ctr-image-* ]] || return 1
  done
}

@test "on a full disk load says so and leaves nothing" {
  mkdir "$T/small"
  mount -t tmpfs -o size=1m small "$T/small"
  fails_with 125 "no space left on device" "$CTR" --root "$T/small/root" --run-root "$T/small/run" load -i "$T/busybox.tar"
  local found
  found=$(find "$T/small/root/layers" "$T/small/root/records" "$T/small/root/drafts" "$T/small/root/intents" -mindepth 1)
  umount "$T/small"
  [ -z "$found" ]
}

@test "save to a full disk fails and says so" {
  fails_with 1 "no space left on device" ctr save -o /dev/full busybox
}
