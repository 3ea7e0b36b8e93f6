# Issue 2, section 6: what cannot be run says why, each in its own words, and ends with 126, 127 or 125.
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
  mkdir -p "$T/bad"
  echo 'echo hi' >"$T/bad/no-exec-bit"
  printf '#!/bin/sh\r\necho hi\r\n' >"$T/bad/crlf"
  printf '#!/no/such/interpreter\necho hi\n' >"$T/bad/no-interpreter"
  printf 'this is no program\n' >"$T/bad/text"
  mkdir "$T/bad/folder"
  # An ELF file for another machine: the header of busybox with e_machine 183, aarch64.
  head -c 65536 /bin/busybox >"$T/bad/other-arch"
  printf '\267\000' | dd of="$T/bad/other-arch" bs=1 seek=18 conv=notrunc status=none
  # A dynamic program whose loader the image has not.
  cp -L /bin/ls "$T/bad/dynamic"
  chmod 755 "$T/bad"/{crlf,no-interpreter,text,other-arch,dynamic}
  chmod 644 "$T/bad/no-exec-bit"
}

teardown() {
  # Whatever failed to start is not left as a container, but for what docker leaves: one that was created.
  [ -z "$(ctr ps -q)" ]
}

bad() {
  run ctr run --rm -v "$T/bad:/bad:ro" busybox "$@"
  echo "$status: $output"
}

@test "a command that is not there: 127, and its name" {
  bad no-such-command
  [ "$status" = 127 ]
  [[ $output == *"no-such-command"* ]]
  [[ $output == *"not found"* ]]
  bad /no/such/path
  [ "$status" = 127 ]
  [[ $output == *"/no/such/path"* ]]
}

@test "no exec bit: 126" {
  bad /bad/no-exec-bit
  [ "$status" = 126 ]
  [[ $output == *"/bad/no-exec-bit"* ]]
  [[ $output == *"exec"* ]]
}

@test "a folder: 126" {
  bad /bad/folder
  [ "$status" = 126 ]
  [[ $output == *"/bad/folder"* ]]
  [[ $output == *"folder"* || $output == *"directory"* ]]
}

@test "wrong architecture: 126, and both are named" {
  bad /bad/other-arch
  [ "$status" = 126 ]
  [[ $output == *"/bad/other-arch"* ]]
  [[ $output == *"aarch64"* || $output == *"arm64"* ]]
}

@test "a script with CRLF: the carriage return is named" {
  bad /bad/crlf
  [ "$status" = 126 ] || [ "$status" = 127 ]
  [[ $output == *"/bad/crlf"* ]]
  [[ $output == *"CRLF"* || $output == *"carriage return"* ]]
}

@test "a script whose interpreter is missing: the interpreter is named" {
  bad /bad/no-interpreter
  [ "$status" = 126 ] || [ "$status" = 127 ]
  [[ $output == *"/no/such/interpreter"* ]]
}

@test "a dynamic program whose loader is missing: the loader is named" {
  bad /bad/dynamic
  [ "$status" = 126 ] || [ "$status" = 127 ]
  [[ $output == *"ld-linux"* ]]
}

@test "a text without a shebang: 126" {
  bad /bad/text
  [ "$status" = 126 ]
  [[ $output == *"/bad/text"* ]]
}

@test "the same by exec: 126 and 127" {
  ctr run -d --name host -v "$T/bad:/bad:ro" busybox sleep 100
  fails_with 127 "no-such-command" ctr exec host no-such-command
  fails_with 126 "/bad/no-exec-bit" ctr exec host /bad/no-exec-bit
  ctr rm -f host
}

@test "an image that is not here: 125, and how to get one" {
  fails_with 125 "busibox" ctr run --rm busibox
  run ctr run --rm busibox
  [[ $output == *"busybox"* ]]
}

@test "a name that is taken: 125, and who has it" {
  ctr create --name taken busybox true
  fails_with 125 "taken" ctr run --name taken busybox true
  ctr rm taken
}

@test "malformed names, users, signals, folders: 125 and the word" {
  fails_with 125 "-bad" ctr run --rm --name=-bad busybox true
  fails_with 125 "nosuchuser" ctr run --rm -u nosuchuser busybox true
  fails_with 125 "NOSIG" ctr run --rm --stop-signal NOSIG busybox true
  fails_with 125 "relative" ctr run --rm -w relative busybox true
  fails_with 125 "NO_SUCH_CAP" ctr run --rm --cap-add NO_SUCH_CAP busybox true
  fails_with 125 "/no/such/source" ctr run --rm --mount type=bind,src=/no/such/source,dst=/x busybox true
  fails_with 125 "bridge" ctr run --rm --network bridge busybox true
}

@test "a file mounted on a folder and the reverse: 125, and what goes on what" {
  fails_with 125 "a file on a file" ctr run --rm -v /etc/passwd:/etc busybox true
  fails_with 125 "a folder can be mounted on a folder" ctr run --rm -v /etc:/etc/passwd busybox true
}

@test "commands about containers that are not there" {
  for command in start stop kill rm logs wait; do
    fails_with 1 "nobody" ctr $command nobody
  done
  fails_with 1 "nobody" ctr exec nobody true
  run ctr rm -f nobody
  [ "$status" = 0 ]
}

@test "exec into one that does not run" {
  ctr create --name idle busybox true
  fails_with 1 "idle" ctr exec idle true
  ctr rm idle
}

@test "a monitor that is not installed: 125, its path, and nothing is left" {
  mkdir -p "$T/no-libexec"
  run "$CTR" --root "$T/root" --run-root "$T/run" --libexec "$T/no-libexec" run --rm busybox true
  [ "$status" = 125 ]
  [[ $output == *"$T/no-libexec/ctr-monitor"* ]]
  [ -z "$(ls "$T/run/containers")" ]
}
