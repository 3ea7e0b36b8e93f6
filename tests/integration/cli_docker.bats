# What a docker user's fingers do.
# shellcheck disable=SC2016  # what stands in single quotes is a template, or for eval
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
  mkdir -p "$T/context"
  echo content >"$T/context/file"
  printf 'FROM busybox\nLABEL a=file kept=yes\nCOPY file /file\n' >"$T/context/Dockerfile"
}

@test "stop -s: another signal than its own" {
  ctr run -d --name asked busybox sh -c 'trap "exit 3" TERM; trap "exit 4" USR1; touch /ready; while :; do sleep 0.1; done'
  eventually 10 ctr exec asked test -e /ready
  fails_with 1 "NONSENSE" ctr stop -s NONSENSE asked
  ctr stop --signal USR1 -t 60 asked
  [ "$(ctr wait asked)" = 4 ]
  ctr rm asked
}

@test "images --filter: dangling, label, reference, before, since; of one key any, of several all" {
  for n in 1 2; do
    printf 'FROM busybox\nLABEL n=%s\nRUN echo %s >/n\n' "$n" "$n" | ctr build -q -t "team/app:$n" - >/dev/null
  done
  names() { ctr images --format '{{.Repository}}:{{.Tag}}' "$@" | sort | tr '\n' ' '; }
  [ "$(names -f label=n)" = "team/app:1 team/app:2 " ]
  [ "$(names -f label=n=2)" = "team/app:2 " ]
  [ "$(names -f label=n=2 -f label=n=1)" = "" ]
  [ "$(names -f reference='team/*')" = "team/app:1 team/app:2 " ]
  [ "$(names -f reference='*:1' -f reference='*/app:[2-3]')" = "team/app:2 " ]
  [ "$(names -f reference='team/app:?' -f label=n=1)" = "team/app:1 " ]
  [ "$(names -f since=busybox)" = "team/app:1 team/app:2 " ]
  [ "$(names -f before=team/app:1)" = "busybox:latest " ]
  [ "$(names -f dangling=true)" = "" ]
  printf 'FROM busybox\nLABEL n=3\nRUN echo 3 >/n\n' | ctr build -q -t team/app:2 - >/dev/null
  [ "$(names -f dangling=true)" = "<none>:<none> " ]
  [ "$(names -f dangling=false -f label=n)" = "team/app:1 team/app:2 " ]
  fails_with 1 "neither true nor false" ctr images -f dangling=perhaps
  fails_with 1 "use dangling, label, reference, before or since" ctr images -f nonsense=1
  fails_with 1 "no image 'missing' here" ctr images -f before=missing
}

@test "build -: an archive from stdin, plain or compressed, or a Dockerfile alone" {
  tar -C "$T/context" -cf - . | ctr build -q -t piped - >/dev/null
  [ "$(ctr run --rm piped cat /file)" = content ]
  cp "$T/context/Dockerfile" "$T/context/other"
  tar -C "$T/context" -czf - . | ctr build -q -f other -t piped2 - >/dev/null
  [ "$(ctr run --rm piped2 cat /file)" = content ]
  printf 'FROM busybox\nRUN echo alone >/file\n' | ctr build -q -t alone - >/dev/null
  [ "$(ctr run --rm alone cat /file)" = alone ]
  printf 'FROM busybox\nCOPY nothing /\n' >"$T/wants"
  fails_with 1 "nothing" ctr build - <"$T/wants"
  fails_with 1 "there is no file missing in the context from standard input" \
    bash -c "tar -C '$T/context' -cf - . | '$CTR' --root '$T/root' --run-root '$T/run' build -f missing -"
  fails_with 1 "stdin cannot be both" ctr build -f - -
  [ -z "$(ls -A "$T/root/drafts")" ]
}

@test "a build that waits for stdin ends by a signal, and leaves nothing" {
  mkfifo "$T/never"
  sleep 1000 <>"$T/never" 3>&- &
  writer=$!
  "$CTR" --root "$T/root" --run-root "$T/run" build - <"$T/never" 3>&- &
  client=$!
  eventually 10 eval '[ -n "$(ls -A "$T/root/drafts")" ]'
  kill -INT "$client"
  status=0
  wait "$client" || status=$?
  kill "$writer"
  [ "$status" = 130 ]
  [ -z "$(ls -A "$T/root/drafts")" ]
}

@test "build --label, --iidfile, --progress" {
  ctr build --progress plain --label a=typed --label=b --iidfile "$T/iid" -t labelled "$T/context"
  [ "$(ctr image inspect -f '{{json .Config.Labels}}' labelled)" = '{"a":"typed","b":"","kept":"yes"}' ]
  [ "$(cat "$T/iid")" = "$(ctr image inspect -f '{{.Id}}' labelled)" ]
  fails_with 125 "'tty' is not supported" ctr build --progress tty "$T/context"
}

@test "rmi -f of what an ended container was made from: ps shows the id, and it starts again" {
  printf 'FROM busybox\nRUN touch /mine\n' | ctr build -q -t mine - >/dev/null
  id=$(ctr image inspect -f '{{.Id}}' mine)
  ctr run --name holder mine test -e /mine
  [ "$(ctr ps -a -f name=holder --format '{{.Image}}')" = mine ]
  fails_with 1 "is used by container" ctr rmi mine
  ctr rmi -f mine
  short=${id#sha256:}
  [ "$(ctr ps -a -f name=holder --format '{{.Image}}')" = "${short:0:12}" ]
  ctr start -a holder
  [ "$(ctr inspect -f '{{.State.ExitCode}}' holder)" = 0 ]
  # A new image of that name is another one.
  ctr tag busybox mine
  [ "$(ctr ps -a -f name=holder --format '{{.Image}}')" = "${short:0:12}" ]
  ctr rm holder
}

@test "-D, --debug, -l, --log-level" {
  [[ $(ctr --debug version) == *Version* ]]
  [[ $(ctr -D -l info version) == *Version* ]]
  fails_with 125 "'loud' is none of" ctr --log-level loud version
}

@test "a variable without a value in an image's Env is not there" {
  mkdir "$T/odd"
  tar -C "$T/odd" -xf "$T/busybox.tar"
  manifest=$(jq -r '.manifests[0].digest' "$T/odd/index.json" | cut -d: -f2)
  config=$(jq -r .config.digest "$T/odd/blobs/sha256/$manifest" | cut -d: -f2)
  jq -c '.config.Env += ["NOTHING", "EMPTY="]' "$T/odd/blobs/sha256/$config" >"$T/odd/config"
  config=$(add_blob "$T/odd" "$T/odd/config")
  jq -c --argjson config "$config" '.config += $config' "$T/odd/blobs/sha256/$manifest" >"$T/odd/manifest"
  manifest=$(add_blob "$T/odd" "$T/odd/manifest")
  jq -c --argjson manifest "$manifest" '.manifests[0] += $manifest |
    .manifests[0].annotations["org.opencontainers.image.ref.name"] = "odd:latest"' "$T/odd/index.json" >"$T/odd/index"
  mv "$T/odd/index" "$T/odd/index.json"
  tar -C "$T/odd" -cf "$T/odd.tar" .
  ctr load -q -i "$T/odd.tar"
  run ctr run --rm odd env
  [ "$status" = 0 ]
  [[ $output == *EMPTY=* ]]
  [[ $output != *NOTHING* ]]
}
