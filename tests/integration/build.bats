# ctr build: what each instruction does, what the cache serves, what is refused.
# shellcheck disable=SC2016  # what stands in single quotes is for the container, a Dockerfile or a template
# shellcheck disable=SC1003  # a backslash at a line's end is the Dockerfile's
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
}

setup() {
  C=$BATS_TEST_TMPDIR/context
  mkdir -p "$C"
}

# dockerfile LINE…: writes it. build […]: builds it as "test"; stderr is in $output too.
dockerfile() { printf '%s\n' "$@" >"$C/Dockerfile"; }
build() { run ctr build -t test "$@" "$C"; }
built() {
  build "$@"
  [ "$status" = 0 ] || { echo "exit $status: $output"; return 1; }
}
inspect() { ctr image inspect -f "$1" test; }
inside() { ctr run --rm test "$@"; }
# The folder of the image's n-th layer, the base's being 1.
layer() {
  local diff
  diff=$(inspect '{{json .RootFS.Layers}}' | jq -r ".[$1 - 1]")
  echo "$T/root/layers/$(sqlite3 "$T/root/state.db" "SELECT id FROM layers WHERE diff_id = '$diff'")"
}
listing() { (cd "$1" && find . -mindepth 1 | sort | tr '\n' ' '); }

@test "COPY: files and folders, wildcards, relative and linked destinations" {
  mkdir -p "$C/d/e"
  echo f >"$C/f"; echo g >"$C/g.txt"; echo h >"$C/h.txt"; echo x >"$C/d/x"; echo y >"$C/d/e/y"; ln -s x "$C/d/l"
  dockerfile 'FROM busybox' 'RUN mkdir -p /real && ln -s /real /link && ln -s ../../../../real /up' \
    'COPY f /one/name' 'COPY f /two/' 'WORKDIR /w' 'COPY f .' 'COPY *.txt d ./all/' 'COPY f /link/' 'COPY g.txt /up/' \
    'COPY ["f", "/with space/"]'
  built
  run inside sh -c 'cat /one/name /two/f /w/f /w/all/g.txt /w/all/x /w/all/e/y /real/f /real/g.txt "/with space/f"; readlink /w/all/l'
  [ "$output" = $'f\nf\nf\ng\nx\ny\nf\ng\nf\nx' ]
}

@test "COPY: owner 0:0, mode and time kept; --chown by name and number, --chmod" {
  echo f >"$C/f"
  chown 1234:1234 "$C/f"
  chmod 4751 "$C/f"
  touch -d @1000000000 "$C/f"
  dockerfile 'FROM busybox' 'COPY f /plain' 'COPY --chown=user:extra f /named' 'COPY --chown=7 f /number' \
    'COPY --chmod=600 f /mode' 'COPY --chown=user f /new/folder/' 'FROM busybox' \
    'COPY --from=0 /plain /named /number /mode /new/folder /out/'
  built
  run inside stat -c '%n %u:%g %a %Y' /out/plain /out/named /out/number /out/mode /out/f
  [ "$output" = "/out/plain 0:0 4751 1000000000
/out/named 1000:2000 4751 1000000000
/out/number 7:7 4751 1000000000
/out/mode 0:0 600 1000000000
/out/f 1000:1000 4751 1000000000" ]
  build --target 0
  [ "$(inside stat -c %u /new)" = 1000 ]
}

@test "a symlink in the context never leads out of it" {
  echo secret >"$BATS_TEST_TMPDIR/secret"
  ln -s ../secret "$C/out"
  ln -s /etc/shadow "$C/absolute"
  dockerfile 'FROM scratch' 'COPY out /'
  build
  [ "$status" = 1 ]
  [[ $output == *"'out' is not in the build context"* ]]
  dockerfile 'FROM scratch' 'COPY absolute /'
  build
  [ "$status" = 1 ]
  mkdir "$C/d"
  ln -s ../../secret "$C/d/link"
  dockerfile 'FROM busybox' 'COPY d /d'
  built
  [ "$(inside readlink /d/link)" = ../../secret ]
}

@test "ADD: archives are unpacked with their owners, other files copied; hostile ones are refused" {
  mkdir "$BATS_TEST_TMPDIR/t"
  (cd "$BATS_TEST_TMPDIR/t" && echo a >a && mkdir s && echo b >s/b && ln -s a l && ln a h &&
    tar --owner=5 --group=6 --mtime=@1000 -cf "$C/plain.tar" . && gzip -k "$C/plain.tar")
  echo text | gzip >"$C/text.gz"
  echo no archive >"$C/some.tar"
  dockerfile 'FROM busybox' 'ADD plain.tar /one/' 'ADD plain.tar.gz /two' 'ADD text.gz some.tar /three/' \
    'COPY plain.tar /four/'
  built
  run inside sh -c 'cd /one && cat a s/b h && readlink l && stat -c "%u:%g %Y" a s /two/a && ls /three /four'
  [ "$output" = $'a\nb\na\na\n5:6 1000\n5:6 1000\n5:6 1000\n/four:\nplain.tar\n\n/three:\nsome.tar\ntext.gz' ]
  ln -s /etc "$BATS_TEST_TMPDIR/evil"
  tar -C "$BATS_TEST_TMPDIR" -cf "$C/evil.tar" evil
  echo bad >"$BATS_TEST_TMPDIR/passwd"
  tar -C "$BATS_TEST_TMPDIR" --transform 's,^,../../,' -P -rf "$C/evil.tar" passwd
  dockerfile 'FROM busybox' 'ADD evil.tar /x'
  build
  [ "$status" = 1 ]
  [[ $output == *"Dockerfile:2"* ]]
}

@test ".dockerignore: patterns and exceptions, and the one of a Dockerfile's own" {
  mkdir -p "$C/a/b" "$C/docs"
  touch "$C/a/keep.log" "$C/a/b/x.log" "$C/docs/one.md" "$C/docs/README.md" "$C/.hidden" "$C/top"
  printf '%s\n' '# remark' '**/*.log' '!a/keep.log' 'docs/*' '!docs/README.md' \
    '/.hidden' Dockerfile '*.other' .dockerignore '*.dockerignore' >"$C/.dockerignore"
  dockerfile 'FROM busybox' 'COPY . /c/'
  built
  [ "$(inside sh -c 'cd /c && find . -mindepth 1 | sort | tr "\n" " "')" = "./a ./a/b ./a/keep.log ./docs ./docs/README.md ./top " ]
  cp "$C/Dockerfile" "$C/Own.other"
  echo '*' >"$C/Own.other.dockerignore"
  echo '!top' >>"$C/Own.other.dockerignore"
  built -f "$C/Own.other"
  [ "$(inside ls -A /c)" = top ]
  dockerfile 'FROM busybox' 'COPY docs/one.md /'
  build
  [ "$status" = 1 ]
  [[ $output == *"'docs/one.md' is not in the build context: .dockerignore hides it"* ]]
}

@test "the configuration, inherited and set" {
  dockerfile 'FROM busybox AS base' 'ENV A=1 B="two words"' 'LABEL l=base' 'EXPOSE 80' 'CMD ["base"]' 'VOLUME /v' \
    'FROM base' 'ARG who=nobody' 'ENV A=$A$A' 'LABEL l2=$who' 'EXPOSE 53/udp' 'WORKDIR /made' 'USER $who' \
    'ENTRYPOINT ["/bin/echo"]' 'STOPSIGNAL SIGQUIT' 'SHELL ["/bin/sh", "-ec"]' 'HEALTHCHECK --interval=5s CMD true' \
    'MAINTAINER Jane'
  built
  [ "$(inspect '{{json .Config}}' | jq -cS 'del(.Hostname, .Domainname, .Image)')" = "$(jq -cSn '{
    Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=11", "B=two words"],
    Labels: {l: "base", l2: "nobody"}, ExposedPorts: {"80/tcp": {}, "53/udp": {}}, Volumes: {"/v": {}},
    WorkingDir: "/made", User: "nobody", Entrypoint: ["/bin/echo"], StopSignal: "SIGQUIT", Shell: ["/bin/sh", "-ec"],
    Healthcheck: {Test: ["CMD-SHELL", "true"], Interval: 5000000000}}')" ]
}

@test "RUN: shell and exec form, its environment, user and folder; output with its time" {
  dockerfile 'FROM busybox' 'ARG a=arg' 'ENV e=env' 'USER user' 'WORKDIR /tmp/w' 'USER root' \
    'RUN chown user /tmp/w' 'USER user' \
    'RUN echo "$a $e $(id -u) $PWD $HOME" > out' 'RUN ["/bin/sh", "-c", "echo $0 > exec", "zero"]' \
      'RUN echo hello; echo err >&2'
  built --build-arg a=given
  [ "$(inside cat /tmp/w/out)" = "given env 1000 /tmp/w /home" ]
  [ "$(inside cat /tmp/w/exec)" = zero ]
  [[ $output == *"#"*" hello"* ]] || false
}

@test "RUN: no network but its own loopback, unless it is asked for" {
  dockerfile 'FROM busybox' 'RUN readlink /proc/self/ns/net > /net'
  built --no-cache
  [ "$(inside cat /net)" != "$(readlink /proc/self/ns/net)" ]
  built --network host
  [ "$(inside cat /net)" = "$(readlink /proc/self/ns/net)" ]
  fails_with 1 "bridge" ctr build --network bridge "$C"
}

@test "nothing of the runtime's stays in a layer, and folders keep their times" {
  dockerfile 'FROM scratch' 'ADD root.tar /' 'RUN true' 'RUN touch /etc/new' 'RUN echo x > /etc/hosts'
  busybox_rootfs "$BATS_TEST_TMPDIR/root"
  rm -rf "$BATS_TEST_TMPDIR"/root/{proc,sys,dev}
  touch -d @1000000000 "$BATS_TEST_TMPDIR/root/etc"
  tar -C "$BATS_TEST_TMPDIR/root" -cf "$C/root.tar" .
  built
  # RUN true has made no layer at all.
  [ "$(inspect '{{json .RootFS.Layers}}' | jq length)" = 2 ]
  [ "$(inspect '{{json .RootFS.Layers}}' | jq length)" = 2 ]
  [ "$(listing "$(layer 2)")" = "./etc ./etc/new " ]
  [ "$(stat -c %Y "$(layer 1)/etc")" = 1000000000 ]
}

@test "a layer holds what its step changed: whiteouts, replaced folders, no sockets" {
  dockerfile 'FROM busybox' 'RUN mkdir /d && touch /d/a /d/b' 'RUN rm /d/a' 'RUN rm -rf /d && mkdir /d && touch /d/c' \
    'RUN nc -l -s /s -p 1 2>/dev/null & sleep 0; rm -f /none; mkfifo /fifo'
  built
  [ "$(listing "$(layer 3)")" = "./d ./d/a " ]
  [ "$(stat -c '%F %t:%T' "$(layer 3)/d/a")" = "character special file 0:0" ]
  [ "$(getfattr -h --only-values -n user.overlay.opaque "$(layer 4)/d")" = y ]
  [ "$(inside ls /d)" = c ]
  [ -p "$(layer 5)/fifo" ]
  # Overlay's own marks speak of the folder as an upper one.
  run getfattr -hR -m 'user.overlay.(origin|impure|nlink)' "$T/root/layers"
  [ -z "$output" ]
}

@test "the cache: content and mode count, times do not; what follows a change is done anew" {
  echo one >"$C/f"
  dockerfile 'FROM busybox' 'RUN echo first > /first' 'COPY f /f' 'RUN cat /f > /copy'
  built
  id=$(inspect '{{.Id}}')
  built
  [ "$(grep -c CACHED <<<"$output")" = 3 ]
  [ "$(inspect '{{.Id}}')" = "$id" ]
  touch "$C/f"
  built
  [ "$(grep -c CACHED <<<"$output")" = 3 ]
  chmod 600 "$C/f"
  built
  [ "$(grep -c CACHED <<<"$output")" = 1 ]
  # Same size, and the old time put back: the change is seen all the same.
  touch -r "$C/f" "$BATS_TEST_TMPDIR/time"
  echo two >"$C/f"
  touch -r "$BATS_TEST_TMPDIR/time" "$C/f"
  built
  [ "$(grep -c CACHED <<<"$output")" = 1 ]
  [ "$(inside cat /copy)" = two ]
  built --no-cache
  [ "$(grep -c CACHED <<<"$output")" = 0 ]
}

@test "the cache: arguments, environment and user count for what follows them" {
  dockerfile 'FROM busybox' 'RUN echo 1' 'ARG a' 'RUN echo 2 > /two' 'ENV e=1' 'RUN echo 3'
  built --build-arg a=1
  built --build-arg a=1
  [ "$(grep -c CACHED <<<"$output")" = 3 ]
  built --build-arg a=2
  [ "$(grep -c CACHED <<<"$output")" = 1 ]
  [[ $(ctr build --build-arg stray=1 "$C" 2>&1) == *"no ARG asks for the build argument stray"* ]]
}

@test "stages: those that are not needed are not touched; --target by name and number" {
  dockerfile 'FROM busybox AS one' 'RUN echo 1 > /1' 'FROM busybox AS unused' 'RUN false' 'FROM one AS three' \
    'COPY --from=busybox /bin/busybox /again' 'FROM scratch' 'COPY --from=three /1 /again /'
  built
  [[ $output != *unused* ]]
  [ "$(listing "$(layer 1)")" = "./1 ./again " ]
  built --target one
  built --target 0
  build --target unused
  [ "$status" = 1 ]
  fails_with 1 "it has no stage 'on' (did you mean one?)" ctr build --target on "$C"
}

@test "-f, -t, -q and a Dockerfile on stdin" {
  dockerfile 'FROM scratch' 'COPY Dockerfile /'
  mv "$C/Dockerfile" "$BATS_TEST_TMPDIR/elsewhere"
  touch "$C/Dockerfile"
  id=$(ctr build -q -f "$BATS_TEST_TMPDIR/elsewhere" -t first -t second:2 "$C" 2>"$BATS_TEST_TMPDIR/err")
  [[ $id == sha256:???????????????????????????????????????????????????????????????? ]]
  [ ! -s "$BATS_TEST_TMPDIR/err" ]
  [ "$(ctr image inspect -f '{{.Id}}' first)" = "$id" ]
  [ "$(ctr image inspect -f '{{.Id}}' second:2)" = "$id" ]
  [ "$(ctr build -q -f - "$C" <"$BATS_TEST_TMPDIR/elsewhere")" = "$id" ]
}

@test "errors: place, line, exit code, and nothing left" {
  dockerfile 'FROM busybox' '' 'RUN echo \' '  hello' 'RUNN x'
  fails_with 125 "Dockerfile:5:1: unknown instruction 'RUNN' (did you mean RUN?)
 5 | RUNN x
   | ^" ctr build "$C"
  dockerfile 'FROM busybox' 'RUN echo said && exit 7'
  build
  [ "$status" = 1 ]
  [[ $output == *"said"*"exited with 7"*">>> RUN echo said"*"exited with 7"*"--network host"* ]]
  dockerfile 'FROM busybox' 'RUN ["/none"]'
  fails_with 1 "/none" ctr build "$C"
  dockerfile 'FROM nosuchimage'
  fails_with 1 "nosuchimage" ctr build "$C"
  dockerfile 'FROM busybox' 'USER ghost' 'RUN true'
  fails_with 1 "ghost" ctr build "$C"
  dockerfile 'FROM busybox' 'COPY --chown=ghost Dockerfile /'
  fails_with 1 "user 'ghost' is not in the stage's /etc/passwd" ctr build "$C"
  fails_with 1 "none" ctr build "$C/none"
  rm "$C/Dockerfile"
  fails_with 1 "there is no Dockerfile in" ctr build "$C"
  dockerfile 'FROM busybox' 'COPY Dockerfile /bin'
  fails_with 125 "UPPER" ctr build -t UPPER "$C"
  for feature in 'RUN --mount=type=cache,target=/x true' 'ONBUILD RUN true' 'COPY --link a b' \
    'ADD https://example.com/x /' 'RUN <<EOF'; do
    dockerfile 'FROM busybox' "$feature"
    fails_with 125 "is not supported by this release" ctr build "$C"
  done
  [ -z "$(find "$T/root/drafts" "$T/root/intents" -mindepth 1)" ]
}

@test "two builds of one input at once, and many of several" {
  dockerfile 'FROM busybox' 'ARG n' 'RUN sleep 1; echo $n > /n'
  pids=()
  for n in 1 1 2 3; do
    ctr build -q -t "many$n" --build-arg n=$n "$C" >/dev/null &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  for n in 1 2 3; do [ "$(ctr run --rm "many$n" cat /n)" = $n ]; done
}

@test "what a step leaves running is ended with it" {
  dockerfile 'FROM busybox' 'RUN (sleep 271828; echo late > /late) & setsid sleep 271828 & echo done > /done'
  built
  [ "$(inside ls / | grep -c -e 'done' -e late)" = 1 ]
  run pgrep -f 'sleep 271828'
  [ "$status" = 1 ]
}

@test "the cache keeps to a tenth of its disk" {
  mkdir -p "$T/tenth" "$T/changing"
  mount -t tmpfs -o size=60m tmpfs "$T/tenth"
  tenth() { "$CTR" --root "$T/tenth/root" --run-root "$T/run.tenth" "$@"; }
  tenth load -q -i "$T/busybox.tar"
  printf 'FROM busybox AS big\nARG N\nRUN head -c 3000000 /dev/urandom >/big\nFROM busybox\nCOPY --from=big /etc/passwd /n\n' \
    >"$T/changing/Dockerfile"
  # Each leaves 3 MB that no image holds: twelve of them are more than half of the disk.
  for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
    tenth build -q --build-arg "N=$n" -t changing "$T/changing"
  done
  kept=$(sqlite3 "$T/tenth/root/state.db" 'SELECT sum(bytes) FROM layers WHERE id NOT IN (SELECT layer FROM image_layers)')
  [ "$kept" -le 6300000 ] && [ "$kept" -ge 3000000 ]
  # What was used last is what was kept.
  tenth build --build-arg N=12 -t changing "$T/changing" 2>&1 | grep -c CACHED | grep -qx 2
  umount "$T/tenth"
}
