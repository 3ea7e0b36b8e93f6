# What ps, images, inspect, info and version print, in their forms.
# shellcheck disable=SC2016  # what stands in single quotes is for the container, a template or eval
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
  ctr create --name web --label tier=front --label a=b busybox httpd -f -p 8080 -h /www >"$T/id"
  ctr run --name ended busybox sh -c 'exit 3' || [ $? = 3 ]
}

teardown_file() {
  ctr rm -f web ended
}

@test "ps shows the running alone, ps -a all, newest first" {
  run ctr ps
  [ "$status" = 0 ]
  [ "$output" = "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES" ]
  run ctr ps -a
  [ "${#lines[@]}" = 3 ]
  [[ ${lines[0]} == "CONTAINER ID   IMAGE     COMMAND "* ]]
  [[ ${lines[1]} =~ ^[0-9a-f]{12}\ \ \ busybox ]]
  [[ ${lines[1]} == *"Exited (3) "*" ago"*ended ]]
  [[ ${lines[2]} == *'"httpd -f -p 8080 -h…"'*Created*web ]]
}

@test "ps -q, --no-trunc, -l, -n" {
  [ "$(ctr ps -aq --no-trunc -f name=web)" = "$(cat "$T/id")" ]
  [ "$(ctr ps -aq -f name=web)" = "$(head -c 12 "$T/id")" ]
  [ "$(ctr ps -l --format '{{.Names}}')" = ended ]
  [ "$(ctr ps -n 5 --format '{{.Names}}' | sort | tr '\n' ' ')" = "ended web " ]
  run ctr ps -a --no-trunc
  [[ $output == *'"httpd -f -p 8080 -h /www"'* ]]
}

@test "ps filters" {
  [ "$(ctr ps -a -f label=tier=front --format '{{.Names}}')" = web ]
  [ "$(ctr ps -a -f status=exited --format '{{.Names}}')" = ended ]
  [ "$(ctr ps -a -f exited=3 --format '{{.Names}}')" = ended ]
  [ "$(ctr ps -a -f status=created -f name=web --format '{{.Names}}')" = web ]
  [ -z "$(ctr ps -aq -f exited=4)" ]
  fails_with 1 "colour" ctr ps -a -f colour=red
}

@test "ps formats: templates, tables, json, labels" {
  [ "$(ctr ps -a -f name=web --format '{{.ID}} {{.Image}} {{.State}} {{.Label "tier"}}')" = "$(head -c 12 "$T/id") busybox created front" ]
  [ "$(ctr ps -a -f name=web --format '{{.Labels}}')" = a=b,tier=front ]
  run ctr ps -a -f name=web --format 'table {{.Names}}\t{{.State}}'
  [ "${lines[0]}" = "NAMES     STATE" ]
  [ "${lines[1]}" = "web       created" ]
  ctr ps -a --format json | jq -e 'select(.Names == "web") | .Image == "busybox" and .Networks == "none"'
  [ "$(ctr ps -a --format '{{json .Names}}' | sort | head -1)" = '"ended"' ]
  fails_with 1 "no field .Nmes; did you mean .Names?" ctr ps -a --format '{{.Nmes}}'
  fails_with 1 "column 8: an action has no closing braces" ctr ps -a --format '{{.Name'
}

@test "images: columns, -q, --no-trunc, --digests, formats" {
  run ctr images
  [[ ${lines[0]} =~ ^REPOSITORY\ +TAG\ +IMAGE\ ID\ +CREATED\ +SIZE$ ]]
  [[ ${lines[1]} =~ ^busybox\ +latest\ +[0-9a-f]{12}\ .*[0-9.]+MB$ ]]
  [[ $(ctr images -q) =~ ^[0-9a-f]{12}$ ]]
  [[ $(ctr images -q --no-trunc) =~ ^sha256:[0-9a-f]{64}$ ]]
  run ctr images --digests
  [[ ${lines[0]} == *DIGEST* ]]
  [ "$(ctr images --format '{{.Repository}}:{{.Tag}}')" = busybox:latest ]
  [ "$(ctr images nothing:here)" = "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE" ]
  ctr images --format json | jq -e '.Tag == "latest"'
}

@test "inspect: JSON that others read, templates, types" {
  ctr inspect web | jq -e '.[0].Name == "/web" and .[0].State.Status == "created" and .[0].Config.Labels.tier == "front"'
  [ "$(ctr inspect -f '{{.State.ExitCode}}' ended)" = 3 ]
  [ "$(ctr inspect -f '{{.Id}}' "$(head -c 6 "$T/id")")" = "$(cat "$T/id")" ]
  [ "$(ctr inspect -f '{{index .Config.Labels "a"}}' web)" = b ]
  [ "$(ctr inspect -f '{{join .Config.Cmd " "}}' web)" = "httpd -f -p 8080 -h /www" ]
  [ "$(ctr inspect -f '{{range .Config.Cmd}}<{{.}}>{{end}}' web)" = "<httpd><-f><-p><8080><-h></www>" ]
  [[ $(ctr inspect --type image -f '{{.Id}}' busybox) == sha256:* ]]
  [[ $(ctr image inspect -f '{{json .Config.Cmd}}' busybox) == '["sh"]' ]]
  [ "$(ctr inspect -f '{{.Id}}' busybox)" = "$(ctr image inspect -f '{{.Id}}' busybox)" ]
  run ctr inspect web nothing-like-it
  [ "$status" = 1 ]
  [[ $output == *'"/web"'* ]]
  [[ $output == *"no container and no image is called 'nothing-like-it'"* ]]
}

@test "info and version" {
  run ctr info
  [ "$status" = 0 ]
  [[ $output == *"Containers: 2"* ]]
  [ "$(ctr info -f '{{.Images}}')" = 1 ]
  ctr info --format json | jq -e .KernelVersion
  [ "$(ctr version -f '{{.Client.Version}}')" = "$(ctr version -f '{{.Server.Version}}')" ]
}
