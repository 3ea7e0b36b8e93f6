# What root of a container's own user namespace can do to what comes into it.
load "$CTR_TEST_LIB"
load bundle

setup() {
  new_bundle
  chown -R --no-dereference 100000:100000 "$R"
}
teardown() { end_containers; }

@test "CVE-2016-9962: root of a user namespace does not get at what execs into it, however slow that is" {
  command -v strace >/dev/null || skip "no strace"
  [ "$(basename "$RUNTIME")" = ctr-runtime ] || skip "runc and crun take care of it in other ways"
  # Whoever may look into a process may read the link of its program.
  in_shell 'while :; do
      for p in /proc/[0-9]*; do
        x=$(readlink $p/exe) && case $x in */busybox) ;; *) echo "$x" >>/seen ;; esac
      done
      echo round >>/rounds
    done 2>/dev/null'
  configure '.linux.namespaces += [{type: "user"}] |
    .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings |
    .process.capabilities |= map_values(. + ["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"])'
  start_bundle watcher
  eventually 10 test -s "$R/rounds"
  # Every prctl(2) is slow: those that hide a process among them.
  strace -f -o /dev/null -e trace=prctl -e inject=prctl:delay_enter=50000 \
    "$RUNTIME" --root "$T/runtime" exec watcher /bin/busybox true
  [ ! -e "$R/seen" ] || { sort "$R/seen" | uniq -c; return 1; }
}
