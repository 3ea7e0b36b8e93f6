# Help, options and exit codes of the command line itself: nothing here needs an image.
load "$CTR_TEST_LIB"

@test "version and help open nothing and make nothing" {
  run "$CTR" --root "$T/never" --run-root "$T/never-run" version
  [ "$status" = 0 ]
  [[ $output == *"Version:"* ]]
  run "$CTR" --root "$T/never" --run-root "$T/never-run" run --help
  [ "$status" = 0 ]
  [ ! -e "$T/never" ] && [ ! -e "$T/never-run" ]
  strace -f -o "$T/trace" -e trace=openat,open,openat2,mkdir,mkdirat "$CTR" version >/dev/null 2>&1 || skip "no strace"
  run grep -c open "$T/trace"
  [ "$output" = 0 ]
}

@test "--version prints one line" {
  run "$CTR" --version
  [ "$status" = 0 ]
  [[ $output =~ ^ctr\ version\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "help of each command has usage, an example and its options, on stdout" {
  for command in build run exec ps images create start stop kill rm logs wait inspect load save import tag rmi info version; do
    "$CTR" "$command" --help >"$T/help" 2>"$T/err"
    grep -q "^Usage:  ctr $command" "$T/help"
    grep -q '^Example:' "$T/help"
    [ ! -s "$T/err" ]
  done
  run "$CTR" help run
  [[ $output == *"--memory bytes"* ]]
}

@test "the two-word forms are the same commands" {
  run "$CTR" container ls --help
  [ "$status" = 0 ]
  [[ $output == "Usage:  ctr container ls"* ]]
  run "$CTR" image --help
  [ "$status" = 0 ]
  [[ $output == *"inspect"* ]]
}

@test "without a command: help, and exit code 1" {
  run "$CTR"
  [ "$status" = 1 ]
  [[ $output == *"Usage:  ctr [OPTIONS] COMMAND"* ]]
}

@test "unknown commands, and docker's that are not here" {
  fails_with 1 "ctr: unknown command 'rnu'; did you mean 'run'?" "$CTR" rnu
  fails_with 1 "ctr: 'pull' is not in this release" "$CTR" pull busybox
  fails_with 1 "ctr: 'image push' is not in this release" "$CTR" image push x
}

@test "unknown options name the nearest and the help, with 125" {
  fails_with 125 "ctr run: unknown option --nmae; did you mean --name?" "$CTR" run --nmae x busybox
  fails_with 125 "see 'ctr run --help'" "$CTR" run --nmae x busybox
  fails_with 125 "ctr ps: unknown option -Z" "$CTR" ps -Z
  fails_with 125 "ctr run: -m needs a value (bytes)" "$CTR" run -m
}

@test "docker's options that are not here are refused by name, never ignored" {
  fails_with 125 "ctr run: -p/--publish: published ports are not supported in this release" "$CTR" run -p 80:80 busybox
  fails_with 125 "ctr run: --restart: restart policies are not supported in this release" "$CTR" run --restart=always busybox
  fails_with 125 "ctr build: --secret: secrets are not supported in this release" "$CTR" build --secret id=x .
}

@test "wrong numbers of arguments name what is missing, with 1" {
  fails_with 1 "ctr run: needs at least 1 argument, none given: IMAGE [COMMAND] [ARG...]" "$CTR" run
  fails_with 1 "ctr tag: needs exactly 2 arguments, 1 given" "$CTR" tag a
  fails_with 1 "ctr ps: takes no arguments, but 'x' was given" "$CTR" ps x
}

@test "malformed values name the option, with 125 for run and 1 for others" {
  fails_with 125 "ctr run: --memory: 'lots' is not a size" ctr run -m lots busybox
  fails_with 125 "named volumes are not supported in this release" ctr run -v data:/data busybox
  fails_with 125 "ctr create: --cpus: '-1' is not a number of cpus" ctr create --cpus -1 busybox
  fails_with 1 "ctr logs: --since: 'soon' is not a point in time" ctr logs --since soon x
}

@test "stdout that takes nothing is an error" {
  run bash -c "'$CTR' version >/dev/full"
  [ "$status" = 1 ]
  [[ $output == *"writing to stdout: no space left on device"* ]]
}
