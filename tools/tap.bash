# shellcheck shell=bash
# TAP from a lane: ok, not_ok and skip print a line each and count.
tap_number=0
tap_failed=0

ok() {
  tap_number=$((tap_number + 1))
  printf 'ok %d %s\n' "$tap_number" "$1"
}

# not_ok TITLE [TEXT]: the text's lines follow as comments.
not_ok() {
  tap_number=$((tap_number + 1)) tap_failed=$((tap_failed + 1))
  printf 'not ok %d %s\n' "$tap_number" "$1"
  [ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/#   /'
}

skip() {
  tap_number=$((tap_number + 1))
  printf 'ok %d %s # SKIP %s\n' "$tap_number" "$1" "$2"
}

# check TITLE COMMAND…: one test, that the command succeeds.
check() {
  local title=$1 text
  shift
  if text=$("$@" 2>&1); then ok "$title"; else not_ok "$title" "$(tail -n 60 <<<"$text")"; fi
}

finish() {
  echo "1..$tap_number"
  [ "$tap_failed" = 0 ]
}
