# CVE-2019-5736 (runc, LXC): a payload that is /proc/self/exe, or a process beside it, reopens the runtime's own binary
# for writing.
# shellcheck disable=SC2016,SC2317  # scripts for the container and filters for jq; functions called by name
load "$CTR_TEST_LIB"
load bundle

# Overwritten is a copy, whatever happens.
setup() {
  mkdir -p "$T/copy"
  cp "$(readlink -f "$RUNTIME")" "$T/copy/runtime"
  ORIGINAL=$RUNTIME
  RUNTIME=$T/copy/runtime
  before=$(sha256sum <"$RUNTIME")
  new_bundle
  printf '#!/proc/self/exe\n' >"$R/evil"
  chmod 755 "$R/evil"
}

teardown() { end_containers; }

unchanged() { [ "$(sha256sum <"$T/copy/runtime")" = "$before" ] && cmp "$T/copy/runtime" "$ORIGINAL"; }

@test "CVE-2019-5736: a payload that asks for /proc/self/exe finds nothing of ours" {
  # The payload's name: the interpreter is the program that executes it, so the runtime or its stage.
  configure '.process.args = ["/evil"]'
  run_bundle script
  echo "$output"
  unchanged
  configure '.process.args = ["/proc/self/exe", "--version"]'
  run_bundle direct
  echo "$output"
  [[ $output != *"ersion"*[0-9].[0-9]* ]]
  unchanged
}

@test "CVE-2019-5736: a process in the container cannot write to what execs into it" {
  # Holds the program of every process that is not busybox open, and tries to write to it.
  in_shell 'while :; do
      for p in /proc/[0-9]*; do
        case $(readlink $p/exe) in */busybox | "") continue ;; esac
        echo "$(readlink $p/exe)" >>/seen
        (
          exec 9<$p/exe
          n=0
          while [ $n -lt 50 ]; do (echo evil >/proc/self/fd/9) && echo yes >>/written; n=$((n + 1)); done
        )
      done 2>/dev/null
    done'
  start_bundle watcher
  for _ in $(seq 20); do
    runtime exec watcher /evil >/dev/null 2>&1 || true
    runtime exec watcher /bin/true
  done
  unchanged
  echo "seen: $(sort "$R/seen" 2>/dev/null | uniq -c)"
}
