# What a Dockerfile, a context and an archive must not reach on the machine.
# shellcheck disable=SC2016  # what stands in single quotes is for the container or a Dockerfile
load "$CTR_TEST_LIB"

setup_file() { load_busybox; }
setup() {
  C=$BATS_TEST_TMPDIR/context
  mkdir -p "$C" "$T/outside/hosts.d"
  echo "secret of the machine" >"$T/outside/secret"
  : >"$T/outside/hosts.d/hosts"
  find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort >"$T/before"
}
teardown() { rm -rf "$T/outside"; }

outside_unchanged() { diff "$T/before" <(find "$T/outside" -printf '%P %y %m %U %s %l\n' | sort); }
build() {
  printf '%s\n' 'FROM busybox' "$@" >"$C/Dockerfile"
  run timeout 60 "$CTR" --root "$T/root" --run-root "$T/run" build -t test "$C"
}

@test "CVE-2024-23652: a RUN leaves symlinks where mount points were made for it" {
  local up=../../../../../../../../../..$T/outside/hosts.d
  # A base without /etc: it is made for the mount points, and the command can take it away again.
  printf '%s\n' 'FROM busybox AS tools' 'FROM scratch' 'COPY --from=tools /bin /bin' >"$C/Dockerfile"
  ctr build -q -t bare "$C"
  printf '%s\n' 'FROM bare' "RUN mv /etc /old 2>/dev/null; rm -rf /etc; ln -s $T/outside/hosts.d /etc; true" \
    "RUN rm -rf /dev /proc /sys; ln -s $up /none; true" >"$C/Dockerfile"
  run timeout 60 "$CTR" --root "$T/root" --run-root "$T/run" build "$C"
  echo "$output"
  outside_unchanged
  build "RUN umount /etc/hosts; rm -f /etc/hosts; ln -sf $T/outside/secret /etc/hosts; true" 'RUN true'
  outside_unchanged
}

@test "CVE-2024-23653: a step cannot ask for more than it is given" {
  build 'RUN --security=insecure true'
  [ "$status" = 125 ]
  build 'RUN grep CapEff /proc/self/status; mount -t tmpfs none /tmp && echo MOUNTED; mknod /disk b 8 0 && head -c1 /disk && echo READ'
  run grep -E '^#[0-9]+ [0-9.]+ (MOUNTED|READ)' <<<"$output"
  [ "$status" = 1 ]
}

@test "CVE-2024-21626: WORKDIR by a descriptor of ours" {
  local n
  for n in 3 4 5 6 7 8 9 10 11 12; do
    build "WORKDIR /proc/self/fd/$n" "RUN cat ../../../../../../../../..$T/outside/secret && echo RAN"
    echo "$n: $output"
    [[ $output != *"secret of the machine"$'\n'* ]]
  done
  outside_unchanged
}

@test "CVE-2019-10152, CVE-2021-29136: ADD of archives that write through links, up, or name the root" {
  local work=$BATS_TEST_TMPDIR/archive
  mkdir -p "$work/d"
  ln -s "$T/outside" "$work/link"
  echo evil >"$work/d/secret"
  tar -C "$work" -cf "$C/link.tar" link
  tar -C "$work" --transform 's,^d,link,' -rf "$C/link.tar" d/secret
  tar -C "$work" -P --transform "s,^d,../../../../../../../..$T/outside," -cf "$C/up.tar" d/secret
  tar -C "$work" -P --transform "s,^d,$T/outside," -cf "$C/absolute.tar" d/secret
  ln -s "$T/outside" "$work/root"
  tar -C "$work" --transform 's,^root$,./,' -cf "$C/root.tar" root
  local name
  for name in link up absolute root; do
    build "ADD $name.tar /to/"
    echo "$name: $status"
    outside_unchanged
  done
}

@test "CVE-2018-15664 class: COPY to and from where links lead out" {
  ln -s "$T/outside/secret" "$C/file"
  ln -s "$T/outside" "$C/dir"
  mkdir "$C/nested"
  ln -s "../../../../../../../../../..$T/outside" "$C/nested/up"
  echo evil >"$C/evil"
  build 'COPY file /x'
  [ "$status" = 1 ]
  build 'COPY dir/secret /x'
  [ "$status" = 1 ]
  build 'COPY nested/up/secret /x'
  [ "$status" = 1 ]
  build "RUN ln -s $T/outside /out && ln -s ../../../../../../../..$T/outside /up" 'COPY evil /out/secret' \
    'COPY evil /up/secret'
  outside_unchanged
  build "RUN ln -s $T/outside /out" 'FROM busybox' 'COPY --from=0 /out/secret /x'
  [ "$status" = 1 ]
}

@test "CVE-2018-20699 class, CVE-2024-9676: passwd is a link, a fifo or huge while --chown is looked up" {
  echo x >"$C/f"
  build "RUN rm /etc/passwd && ln -s $T/outside/secret /etc/passwd" 'COPY --chown=app f /'
  [ "$status" = 1 ]
  build 'RUN rm /etc/passwd && mkfifo /etc/passwd' 'COPY --chown=app f /'
  [ "$status" = 1 ]
  build 'RUN dd if=/dev/zero of=/etc/passwd bs=1M count=16 2>/dev/null' 'COPY --chown=app f /'
  [ "$status" = 1 ]
  build 'RUN rm /etc/passwd && ln -s /dev/zero /etc/passwd' 'COPY --chown=app f /'
  [ "$status" = 1 ]
}

@test "CVE-2024-40635, CVE-2026-46680: USER and --chown beyond 31 bits" {
  echo x >"$C/f"
  local id
  for id in 2147483648 4294967295 4294967296 18446744073709551616 -1; do
    build "RUN echo '$id:x:0:0::/:/bin/sh' >> /etc/passwd" "COPY --chown=$id f /"
    [ "$status" = 1 ] || { echo "--chown=$id: $output"; return 1; }
    build "RUN echo '$id:x:0:0::/:/bin/sh' >> /etc/passwd" "USER $id" 'RUN echo RAN as $(id -u)'
    [ "$status" = 1 ] || { echo "USER $id: $output"; return 1; }
  done
}
