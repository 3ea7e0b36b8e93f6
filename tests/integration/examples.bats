# The examples are built and run as their README says.
# shellcheck disable=SC2016  # what stands in single quotes is for the container, a template or eval
load "$CTR_TEST_LIB"

setup_file() {
  load_busybox
}

examples=$BATS_TEST_DIRNAME/../../examples

@test "multistage: the final image holds the server and its page alone, and serves it" {
  ctr build -q -t hello "$examples/multistage"
  [ "$(ctr image inspect -f '{{json .Config.Cmd}}' hello)" = '["/bin/httpd","-f","-v","-p","8080","-h","/www"]' ]
  [ "$(ctr image inspect -f '{{range $port, $_ := .Config.ExposedPorts}}{{$port}}{{end}}' hello)" = 8080/tcp ]
  ctr run -d --name hello --network host hello
  eventually 10 busybox wget -q -O "$T/page" http://127.0.0.1:8080/
  grep -q '<h1>Hello from a two-stage image</h1>' "$T/page"
  [ "$(grep -c '<li>' "$T/page")" = 3 ]
  eventually 10 eval 'ctr logs hello 2>&1 | grep -q response:200'
  fails_with 127 "sh" ctr exec hello sh
  ctr rm -f hello
}

@test "shell-form: a RUN of several lines, as a user of its own" {
  ctr build -q -t shell "$examples/shell-form"
  run ctr run --rm shell
  [ "$status" = 0 ]
  [ "${lines[0]}" = "Hello from a RUN of several lines" ]
  [ "${lines[1]}" = "I am app" ]
}

@test "application: ADD, WORKDIR, CMD, and what .dockerignore leaves out" {
  ctr build -q -t application "$examples/application"
  run ctr run --rm application
  [ "$output" = "Hello, world
Hello, container" ]
  [ "$(ctr run --rm -e GREETING=Hi application | head -1)" = "Hi, world" ]
  [ "$(ctr run --rm application ls -A | tr '\n' ' ')" = "app.sh names.txt " ]
}
