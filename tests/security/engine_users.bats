# Who a container's process is, whatever the image says of users.
# shellcheck disable=SC2016  # scripts for the container and filters for jq
load "$CTR_TEST_LIB"
load image

setup_file() { load_busybox; }
teardown() { ctr rm -f box >/dev/null 2>&1 || true; }

in_box() { run timeout 60 "$CTR" --root "$T/root" --run-root "$T/run" run --rm --name box "$@"; }

# Refused before anything runs, and by an error, not by a hang or a signal.
refused() {
  echo "$status: $output"
  [ "$status" = 125 ] || [ "$status" = 126 ] || return 1
  [[ $output != *RAN* ]]
}

@test "CVE-2024-40635, CVE-2026-46680: a user beyond 31 bits is refused, also where passwd knows the number as a name" {
  new_root
  local id
  for id in 2147483648 4294967295 4294967296 18446744073709551616 -1; do
    printf '%s:x:0:0:root:/root:/bin/sh\n' "$id" >>"$R/etc/passwd"
    printf '%s:x:0:\n' "$id" >>"$R/etc/group"
  done
  load_root numbers
  for id in 2147483648 4294967295 4294967296 18446744073709551616 -1; do
    in_box -u "$id" numbers sh -c 'echo RAN as $(id -u):$(id -g)'
    refused
    in_box -u "1000:$id" numbers sh -c 'echo RAN as $(id -u):$(id -g)'
    refused
    load_root "image$id" '.config.User = $id' --arg id "$id"
    in_box "image$id" sh -c 'echo RAN as $(id -u):$(id -g)'
    refused
  done
  in_box -u 2147483647:2147483647 numbers id -u
  [ "$output" = 2147483647 ]
}

@test "CVE-2022-2989, CVE-2022-2995, CVE-2022-36109: the groups of every form of a user" {
  # The image's user 1000 is "user", who is in "extra" (2000) by /etc/group.
  local form groups
  while read -r form groups; do
    in_box -u "$form" busybox id -G
    echo "$form: $output"
    [ "$output" = "$groups" ]
    ctr run -d --name box busybox sleep 1000
    run ctr exec -u "$form" box id -G
    echo "exec $form: $output"
    [ "$output" = "$groups" ]
    ctr rm -f box
  done <<'END'
user 1000 2000
1000 1000 2000
user:extra 2000
1000:2000 2000
1000:extra 2000
root 0
0 0
4242 0
4242:4243 4243
END
}

@test "CVE-2026-30892: forms that are nearly numbers" {
  new_root
  printf '77:x:1000:1000::/:/bin/sh\n' >>"$R/etc/passwd"
  load_root digits
  ctr run -d --name box digits sleep 1000
  local form
  for form in ' 1000' +1000 1000x 0x10 1e3 '1000 ' a:b 1000:x 1000:+5 user:nogroupofthatname; do
    run ctr exec -u "$form" box sh -c 'echo RAN as $(id -u):$(id -g)'
    echo "'$form': $status $output"
    [ "$status" != 0 ]
    [[ $output != *RAN* ]]
  done
  # A name of digits is a name where passwd has it (as docker's), and never something between the two.
  run ctr exec -u 77 box id -u
  [ "$output" = 1000 ] || [ "$output" = 77 ]
}

@test "CVE-2022-24769, CVE-2022-27649..27652, CVE-2022-29162: nothing inheritable, in run and exec, as anybody" {
  local user
  for user in 0 1000; do
    for more in --cap-drop=KILL --cap-add=NET_ADMIN --privileged; do
      in_box "$more" -u "$user" busybox grep CapInh /proc/self/status
      echo "$user $more: $output"
      [[ $output == *0000000000000000* ]]
      ctr run -d "$more" --name box busybox sleep 1000
      run ctr exec -u "$user" box grep CapInh /proc/self/status
      [[ $output == *0000000000000000* ]]
      ctr rm -f box
    done
  done
}

@test "CVE-2018-20699's kin: /etc/passwd and /etc/group of every kind of node end in an answer" {
  local node
  for node in fifo device folder link loop missing; do
    new_root
    rm "$R/etc/passwd" "$R/etc/group"
    for file in passwd group; do
      case $node in
        fifo) mkfifo "$R/etc/$file" ;;
        device) mknod "$R/etc/$file" c 1 5 ;;
        folder) mkdir "$R/etc/$file" ;;
        link) ln -s "$T/secret-$file" "$R/etc/$file" ;;
        loop) ln -s "$file" "$R/etc/$file" ;;
      esac
    done
    # What a link to the machine's would give.
    echo "hostonly:x:1234:1234::/:/bin/sh" >"$T/secret-passwd"
    echo "hostonly:x:1234:" >"$T/secret-group"
    load_root "$node"
    in_box -u hostonly "$node" sh -c 'echo RAN as $(id -u)'
    echo "$node by name"
    refused
    in_box -u 1000:1000 "$node" sh -c 'echo RAN as $(id -u)'
    echo "$node by number: $status $output"
    # By number it may run; it must not hang or crash.
    [ "$status" = 0 ] || [ "$status" = 125 ] || [ "$status" = 126 ]
  done
}

@test "CVE-2026-47262: a huge /etc/passwd and /etc/group cost bounded memory" {
  new_root
  # One line without an end, and many lines.
  head -c 40000000 /dev/zero | tr '\0' a >>"$R/etc/passwd"
  yes 'g:x:5:user' | head -n 4000000 >>"$R/etc/group"
  load_root huge
  run bash -c "ulimit -v 100000; timeout 60 $CTR --root $T/root --run-root $T/run run --rm --name box -u nobodyhere huge sh -c 'echo RAN'"
  refused
  run bash -c "ulimit -v 100000; timeout 60 $CTR --root $T/root --run-root $T/run run --rm --name box -u user huge sh -c 'echo RAN'"
  echo "$status $output"
  [ "$status" = 125 ] || [ "$status" = 0 ]
}

@test "CVE-2019-14271: no library of the image is opened to look a user up" {
  new_root
  mkdir -p "$R/lib/x86_64-linux-gnu" "$R/lib64" "$R/usr/lib"
  echo 'passwd: evil' >"$R/etc/nsswitch.conf"
  # Whoever opens one of them waits for ever.
  for library in evil files compat; do
    for folder in lib lib64 lib/x86_64-linux-gnu usr/lib; do mkfifo "$R/$folder/libnss_$library.so.2"; done
  done
  load_root nss
  in_box -u user nss id -u
  echo "$output"
  [ "$output" = 1000 ]
  ctr run -d --name box nss sleep 1000
  run timeout 20 "$CTR" --root "$T/root" --run-root "$T/run" exec -u user box id -u
  [ "$output" = 1000 ]
}
