# The same Dockerfile by Debian's buildah and by us: layers file by file (kind, owner, mode, link, content,
# attributes, kept
# times), and the configuration.
# shellcheck disable=SC2016  # what stands in single quotes is for the container or a Dockerfile
load "$CTR_TEST_LIB"

buildah() { command buildah --root "$T/buildah" --runroot "$T/buildah-run" --storage-driver vfs "$@"; }

setup_file() {
  skip_unless "no buildah here" command -v buildah
  load_busybox
  buildah pull -q "oci-archive:$T/busybox.tar"
  buildah tag "$(buildah images -q | head -1)" localhost/base:latest
}

setup() {
  skip_unless "no buildah here" command -v buildah
  C=$BATS_TEST_TMPDIR/context
  mkdir -p "$C"
}

# same LINE…: a Dockerfile that begins with the base; both build it and the images are compared.
same() {
  printf '%s\n' 'ARG BASE' 'FROM ${BASE}' "$@" >"$C/Dockerfile"
  ctr build -q --build-arg BASE=busybox -t test "$C"
  ctr save -o "$BATS_TEST_TMPDIR/ours.tar" test
  buildah bud -q --layers --isolation chroot --network host --build-arg BASE=localhost/base:latest -t test "$C"
  buildah push -q test "oci:$BATS_TEST_TMPDIR/theirs"
  "$BATS_TEST_DIRNAME/compare_layers" "$BATS_TEST_TMPDIR/ours.tar" "$BATS_TEST_TMPDIR/theirs"
}

@test "COPY of files, folders, links and modes" {
  mkdir -p "$C/d/e" "$C/empty"
  echo a >"$C/a"; echo b >"$C/d/b"; echo c >"$C/d/e/c"
  ln -s b "$C/d/link"; ln -s /nowhere "$C/d/dangling"; ln "$C/d/b" "$C/d/hard"
  chmod 4755 "$C/a"; chmod 750 "$C/d/e"; chmod 1777 "$C/empty"
  chown -R 1000:1000 "$C"
  find "$C" -exec touch -h -d @1000000000 {} +
  same 'COPY a /one' 'COPY a /new/folder/' 'COPY d /tree' 'COPY d/. empty /etc/' 'COPY a d/b /several/' \
    'COPY --chown=7:8 d /owned' \
    'COPY --chmod=600 a /mode'
}

@test "COPY by wildcards, to the working folder, over what is there" {
  for name in x.txt y.txt z.log; do echo "$name" >"$C/$name"; done
  find "$C" -exec touch -d @1000000000 {} +
  # buildah makes a WORKDIR with the next step, we as BuildKit in a layer of its own: so it is there already.
  same 'RUN mkdir -p /w/sub' 'WORKDIR /w/sub' 'COPY *.txt ./' 'COPY ?.log ..' \
    'RUN echo old > /w/old && mkdir /w/dir' 'COPY x.txt /w/old' \
    'COPY y.txt /w/dir'
}

@test "COPY --from, with owners kept" {
  same 'ENV unused=1' 'FROM ${BASE} AS one' \
    'RUN mkdir -p /out/d && echo x > /out/d/f && chown 12:34 /out/d/f && chmod 640 /out/d/f && ln -s f /out/d/l && touch -d @1000000000 /out/d/f' \
    'FROM ${BASE}' 'COPY --from=one /out /in' 'COPY --from=one --chown=5:6 /out/d/f /g'
}

@test "RUN: new, changed, removed and replaced files, folders and links" {
  same 'RUN mkdir -m 711 /d && echo 1 > /d/f && mkfifo /d/p && ln -s f /d/l && touch /d/x && ln /d/x /d/h && chown 3:4 /d/l' \
    'RUN chmod 4711 /d/f && rm /d/l && touch /d/new' 'RUN rm -rf /d && mkdir /d && touch /d/again' \
    'RUN rm -rf /home && rm /bin/yes && touch -d @1000000000 /tmp/old' \
      'RUN mv /tmp/old /tmp/moved && mkdir -p /a/b/c && rmdir /a/b/c' \
    'RUN true'
}

@test "ADD of archives" {
  mkdir "$BATS_TEST_TMPDIR/t"
  (cd "$BATS_TEST_TMPDIR/t" && mkdir -m 700 s && echo a >a && echo b >s/b && ln -s a l && ln a h && chmod 2755 a &&
    tar --owner=5 --group=6 --mtime=@1000000000 -czf "$C/x.tar.gz" a s l h)
  echo no >"$C/plain"
  touch -d @1000000000 "$C/plain"
  same 'ADD x.tar.gz /to/' 'ADD plain /to/plain'
}

@test "the configuration" {
  same 'ENV A=1 B="two words" C=$PATH' 'LABEL l="a b" m=$A' 'EXPOSE 80 53/udp' 'VOLUME /v' 'WORKDIR /etc' \
    'USER 5:6' 'ENTRYPOINT ["/bin/echo", "x"]' \
    'CMD ["y"]' 'STOPSIGNAL SIGQUIT' 'WORKDIR ../tmp'
}
