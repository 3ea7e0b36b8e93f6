# examples/embed: a program that is not ours, built against the installed library alone.
# shellcheck disable=SC2016,SC2154  # jq programs; the library's variables
load "$CTR_TEST_LIB"
load "$BATS_TEST_DIRNAME/../conformance/bundle"

setup_file() {
  local pc
  pc=$(find "$CTR_STAGE" -name libcrun.pc)
  # The paths in libcrun.pc are those after an install; the stage goes before them.
  export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$CTR_STAGE LD_LIBRARY_PATH=${pc%/pkgconfig/*}
  # A copy of the sources, so that nothing of the tree around them is found.
  cp -r "$BATS_TEST_DIRNAME/../../examples/embed" "$T/embed"
  make -C "$T/embed" CXXFLAGS="-O0 -Wall -Wextra -Werror" >&2
  make_bundle
}
teardown() { rm -rf /run/embed-example; }

embed() { "$T/embed/embed" "$@"; }

@test "it links to the installed library alone" {
  readelf -d "$T/embed/embed" | grep -q 'NEEDED.*libcrun.so'
  ldd "$T/embed/embed" | grep -q "libcrun.so.* => $LD_LIBRARY_PATH/"
}

@test "it runs a bundle, executes in it, reads its stats and removes it" {
  config '.process.args = ["sh", "-c", "echo from the container; exec sleep 600"]'
  run embed "$B" sh -c 'hostname; exit 3'
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"from the container"* ]]
  [[ $output == *"state: running, pid "* ]]
  grep -qx box <<<"$output"  # of the second program; the first's line comes when it comes
  grep -qx "exec: exit code 3" <<<"$output"
  [[ $output == *"first: exit code 137"* ]]
  # What the kernel always counts; the rest where its controller is to be had.
  [ "$(awk '$1 == "cpu:" {print ($2 > 0)}' <<<"$output")" = 1 ]
  [ -z "$(find /sys/fs/cgroup -name embedded)" ]
  [ -z "$(ls -A /run/embed-example)" ]
}

@test "its errors are the library's" {
  config '.process.args = ["sleep", "600"]'
  fails_with 127 'exec: "nosuch": executable file not found in $PATH' embed "$B" nosuch
  fails_with 1 "opening /no/such/bundle/config.json" embed /no/such/bundle true
}
