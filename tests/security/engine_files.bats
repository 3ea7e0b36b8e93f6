# What an image's config and a container's start must not reach on the machine.
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load image

setup_file() { load_busybox; }
setup() {
  mkdir -p "$T/outside"
  echo "secret of the machine" >"$T/outside/secret"
  find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort >"$T/before"
}
teardown() {
  ctr rm -f box >/dev/null 2>&1 || true
  rm -rf "$T/outside"
}

outside_unchanged() { diff "$T/before" <(find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort); }
in_box() { run timeout 60 "$CTR" --root "$T/root" --run-root "$T/run" run --rm --name box "$@"; }

@test "CVE-2024-21626: an image's WORKDIR, -w and exec -w by a descriptor of ours" {
  new_root
  local n script
  script="cat ../../../../../../../../..$T/outside/secret; echo RAN"
  for n in 3 4 5 6 7 8 9 10 11 12 14 16; do
    load_root workdir '.config.WorkingDir = $cwd' --arg cwd "/proc/self/fd/$n"
    in_box workdir sh -c "$script"
    echo "image $n: $status $output"
    [ "$status" != 0 ]
    [[ $output != *RAN* && $output != *secret\ of* ]]
    in_box -w "/proc/self/fd/$n" busybox sh -c "$script"
    [ "$status" != 0 ]
    [[ $output != *RAN* && $output != *secret\ of* ]]
  done
  ctr run -d --name box busybox sleep 1000
  for n in 3 4 5 6 7 8 9 10 11 12 14 16; do
    run ctr exec -w "/proc/self/fd/$n" box sh -c "$script"
    echo "exec $n: $status $output"
    [ "$status" != 0 ]
    [[ $output != *RAN* && $output != *secret\ of* ]]
  done
}

@test "CVE-2022-23648: an image's VOLUME that leads out of its root" {
  new_root
  ln -s "$T/outside" "$R/link"
  mkdir "$R/inside"
  local volume
  for volume in "/../../../../../..$T/outside" "../../../../../../..$T/outside" /link /inside/../link "/../etc"; do
    load_root volume '.config.Volumes = {($path): {}}' --arg path "$volume"
    in_box volume sh -c "cat $volume/secret /link/secret $T/outside/secret; ls -d /etc/hostname.machine"
    echo "$volume: $status $output"
    [[ $output != *secret\ of* ]]
    outside_unchanged
  done
}

@test "CVE-2020-15257: no abstract socket of ours exists while a container runs" {
  abstract() { awk '$8 ~ /^@/ {print $8}' /proc/net/unix | sort -u; }
  abstract >"$T/sockets.before"
  ctr run -d --network host --name box busybox sleep 1000
  abstract >"$T/sockets.after"
  diff "$T/sockets.before" "$T/sockets.after"
}

@test "CVE-2021-41091, CVE-2021-41103: nobody else gets into our folders" {
  ctr run -d --name box busybox sleep 1000
  local folder
  for folder in "$T/root" "$T/run"; do
    echo "$folder: $(stat -c %a "$folder")"
    # A user who is not root: neither listed nor entered, or all below is closed to him.
    run setpriv --reuid 65534 --regid 65534 --clear-groups find "$folder" -mindepth 1 ! -path '*/t/*'
    echo "$output" | head
    [ "$(grep -cv 'Permission denied' <<<"$output")" = 0 ]
  done
}

@test "CVE-2019-5736: a payload of a container asks for /proc/self/exe and finds nothing of ours" {
  new_root
  printf '#!/proc/self/exe\n' >"$R/evil"
  chmod 755 "$R/evil"
  load_root evil
  local before
  before=$(cat "$CTR" "$CTR_STAGE"/usr/libexec/ctr/* | sha256sum)
  in_box evil /evil
  echo "$status $output"
  ctr run -d --name box evil sh -c 'while :; do for p in /proc/[0-9]*; do (echo evil >$p/exe); done; done 2>/dev/null'
  for _ in 1 2 3 4 5; do ctr exec box /evil || true; done
  [ "$(cat "$CTR" "$CTR_STAGE"/usr/libexec/ctr/* | sha256sum)" = "$before" ]
}

@test "no descriptor but 0, 1 and 2 reaches a payload" {
  in_box busybox sh -c 'ls /proc/self/fd | wc -l'
  echo "$output"
  [ "$output" = 4 ]
  ctr run -d --name box busybox sleep 1000
  run ctr exec box sh -c 'ls /proc/self/fd | wc -l'
  [ "$output" = 4 ]
}
