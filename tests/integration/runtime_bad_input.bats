# ctr-runtime and programs that cannot be executed: each its own words, 126 or 127 (issue 2, section 6).
# shellcheck disable=SC2016,SC2154  # jq programs; the library's variables
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  make_bundle
  local bin=$B/rootfs/bin
  printf '#!/bin/sh\r\necho hi\r\n' >"$bin/crlf"
  printf '#!/no/such/interpreter\n' >"$bin/no-interpreter"
  printf 'no program\n' >"$bin/text"
  : >"$bin/empty"
  head -c 65536 /bin/busybox >"$bin/other-arch"
  printf '\267\000' | dd of="$bin/other-arch" bs=1 seek=18 conv=notrunc status=none
  cp -L /bin/ls "$bin/dynamic"
  chmod 755 "$bin"/{crlf,no-interpreter,text,empty,other-arch,dynamic}
  printf '#!/bin/sh\n' >"$bin/no-bit"
  chmod 644 "$bin/no-bit"
}
teardown() { remove_all; }

# bad CODE TEXT PROGRAM [FILTER]: by run, by create and start, and by exec.
bad() {
  local code=$1 text=$2
  config '.process.args = [$program] | '"${4:-.}" --arg program "$3"
  fails_with "$code" "$text" runtime run -b "$B" "$(id)"
  gone "$(id)"
  # Not by bats' run: the container that waits would hold its pipe.
  status=0
  runtime create -b "$B" "$(id)" </dev/null >"$T/out" 2>&1 3>&- || status=$?
  if [ "$status" = 0 ]; then
    fails_with "$code" "$text" runtime start "$(id)"
  else
    [ "$status" = "$code" ]
    grep -qF "$text" "$T/out"
  fi
  runtime delete -f "$(id)"
  gone "$(id)"
  sleeping "$(id)" "${4:-.}"
  fails_with "$code" "$text" runtime exec "$(id)" "$3"
  runtime delete -f "$(id)"
}
gone() { [ ! -e "$T/runtime/$1" ] && [ -z "$(find /sys/fs/cgroup -name "$1")" ]; }

@test "a missing command" { bad 127 'exec: "nosuch": executable file not found in $PATH' nosuch; }
@test "a missing path" { bad 127 'exec: "/no/such": no such file or directory' /no/such; }
@test "Windows line ends" { bad 127 "CR LF" crlf; }
@test "a missing interpreter" { bad 127 "'/no/such/interpreter' is not in the image" no-interpreter; }
@test "a missing loader" { bad 127 "is dynamically linked, and its loader" dynamic; }
@test "another architecture" { bad 126 "built for aarch64, and this machine is x86_64" other-arch; }
@test "no program" { bad 126 "neither an ELF program nor a script" text; }
@test "an empty file" { bad 126 "the file is empty" empty; }
@test "no execute permission" { bad 126 "it is not executable" /bin/no-bit; }
@test "a folder" { bad 126 "is a directory" /etc; }
@test "no execute permission for a user" { bad 126 "permission denied" /bin/no-bit '.process.user.uid = 1000'; }

@test "a spec that is malformed names its place" {
  echo '{"ociVersion": "1.0.2", "process": {"args": "sh"}}' >"$B/config.json"
  fails_with 1 "process.args" runtime run -b "$B" "$(id)"
  echo '{"ociVersion":' >"$B/config.json"
  fails_with 1 "config.json: not JSON at line" runtime run -b "$B" "$(id)"
  rm "$B/config.json"
  fails_with 1 "config.json: no such file or directory" runtime run -b "$B" "$(id)"
}

@test "what is not supported is refused by name" {
  config ".mounts += [{\"destination\": \"/x\", \"type\": \"bind\", \"source\": \"$B\", \"options\": [\"bind\", \"src-nofollow\"]}]"
  fails_with 1 "mount option 'src-nofollow' is not supported" runtime run -b "$B" "$(id)"
  grep -qw resctrl /proc/mounts || {
    config '.linux.intelRdt = {"closID": "gold"}'
    fails_with 1 "no resctrl is mounted; mount -t resctrl" runtime run -b "$B" "$(id)"
  }
  config '.process.args = ["true"]'
  fails_with 1 "systemd" runtime --systemd-cgroup run -b "$B" "$(id)"
}

@test "a working directory outside the container's root is refused (CVE-2024-21626)" {
  config '.process.cwd = "/proc/self/fd/7"'
  run runtime run -b "$B" "$(id)"
  [ "$status" = 1 ]
  gone "$(id)"
}

@test "the log file has the error, for containerd and docker" {
  config '.process.args = ["nosuch"]'
  run runtime --log "$T/log" --log-format json create -b "$B" "$(id)"
  [ "$status" = 127 ]
  [ "$(jq -r .level "$T/log")" = error ]
  [[ $(jq -r .msg "$T/log") == *"executable file not found"* ]]
}
