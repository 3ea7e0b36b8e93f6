#include "cli/ctr/command.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <utility>

#include "cli/command/help.h"
#include "cli/ctr/print.h"
#include "cli/ctr/root.h"
#include "fake_engine.h"

using namespace crun;
using namespace crun::cli;

namespace {

// What a command printed, and its exit code.
struct Printed {
  int code;
  std::string out;
};

// Runs a command as main does, with stdout and stderr in one file. stdout itself is replaced, and not its descriptor:
// the test's own output is buffered there.
Printed run(const Command& command, const std::vector<std::string>& words) {
  FILE* const out = tmpfile();
  FILE* const before = std::exchange(stdout, out);
  const Fd err(dup(2));
  dup2(fileno(out), 2);
  Printed printed = {-1, ""};
  Engine engine({});
  try {
    printed.code = command.run(engine, parse(command.grammar, words));
  } catch (const UsageError& error) {
    print(error.text());
    printed.code = error.exit_code();
  } catch (const Error& error) {
    print(error.text());
    printed.code = 1;
  }
  flush_output();
  dup2(err.get(), 2);
  stdout = before;
  printed.out.resize(static_cast<size_t>(lseek(fileno(out), 0, SEEK_CUR)));
  CHECK(pread(fileno(out), printed.out.data(), printed.out.size(), 0) == static_cast<ssize_t>(printed.out.size()));
  fclose(out);
  return printed;
}

using Words = std::vector<std::string>;

std::string run_error(const Words& options) {
  Words words = options;
  words.push_back("image");
  const Printed printed = run(kRun, words);
  CHECK(printed.code == 125);
  return printed.out;
}

}  // namespace

TEST_CASE("the table: names are unique, options sorted, letters unique, refused ones not accepted too") {
  std::set<std::string_view> names;
  for (const CommandName& known : command_names()) {
    CAPTURE(std::string(known.name));
    CHECK(names.insert(known.name).second);
    const Grammar& grammar = known.command->grammar;
    std::set<std::string_view> options;
    std::set<char> letters;
    std::string_view last;
    for (const Option& option : grammar.options) {
      CAPTURE(std::string(option.name));
      CHECK(last < option.name);
      last = option.name;
      options.insert(option.name);
      if (option.letter != 0) CHECK(letters.insert(option.letter).second);
      CHECK((option.takes == Takes::nothing) == option.value_name.empty());
      CHECK((option.hidden || !option.help.empty()));
    }
    for (const RefusedOption& refused : grammar.refused) {
      CAPTURE(std::string(refused.name));
      CHECK(options.insert(refused.name).second);
      if (refused.letter != 0) CHECK(letters.insert(refused.letter).second);
    }
    CHECK(!grammar.summary.empty());
    CHECK(grammar.example.starts_with("ctr "));
    CHECK(help_text("ctr", grammar).size() > 80);
  }
  for (const std::string_view absent : absent_commands()) CHECK(names.count(absent) == 0);
}

TEST_CASE("every line of help fits a terminal of 100 columns") {
  for (const CommandName& known : command_names()) {
    const std::string help = help_text("ctr", known.command->grammar);
    size_t from = 0;
    for (size_t end = help.find('\n'); end != std::string::npos; from = end + 1, end = help.find('\n', from)) {
      const std::string line = help.substr(from, end - from);
      CAPTURE(line);
      CHECK(line.size() <= 100);
    }
  }
}

TEST_CASE("run: every option reaches the request") {
  setenv("PASSED_ON", "yes", 1);
  const Printed printed = run(kRun, {"-it=false",
                                     "--rm",
                                     "--name",
                                     "web",
                                     "-eA=1",
                                     "-e",
                                     "PASSED_ON",
                                     "-v",
                                     "/a:/b:ro,rslave",
                                     "-v",
                                     "/c:/d",
                                     "-w",
                                     "/work",
                                     "-u",
                                     "1000:1000",
                                     "--hostname",
                                     "h",
                                     "--network",
                                     "host",
                                     "-m",
                                     "64m",
                                     "--memory-swap",
                                     "-1",
                                     "--cpus",
                                     "1.5",
                                     "--pids-limit",
                                     "20",
                                     "--read-only",
                                     "--tmpfs",
                                     "/t:size=1m",
                                     "--cap-add",
                                     "NET_ADMIN",
                                     "--cap-drop",
                                     "ALL",
                                     "--security-opt",
                                     "no-new-privileges",
                                     "-l",
                                     "x=y",
                                     "--stop-signal",
                                     "USR1",
                                     "--stop-timeout",
                                     "3",
                                     "--init",
                                     "--log-opt",
                                     "max-size=1m",
                                     "--log-opt",
                                     "max-file=5",
                                     "--entrypoint",
                                     "/e",
                                     "--mount",
                                     "type=bind,src=/m,dst=/n,readonly",
                                     "--mount",
                                     "type=tmpfs,target=/q,tmpfs-size=1k,tmpfs-mode=700",
                                     "img",
                                     "cmd",
                                     "-x",
                                     "--rm"});
  CHECK(printed.code == 42);
  const ContainerRequest& request = fake.request;
  CHECK(request.image == "img");
  CHECK(request.command == Words{"cmd", "-x", "--rm"});
  CHECK(request.interactive);
  CHECK(!request.tty);
  CHECK(request.remove);
  CHECK(request.name == "web");
  CHECK(request.env == Words{"A=1", "PASSED_ON"});
  REQUIRE(request.mounts.size() == 3);
  CHECK(request.mounts[0].source == "/a");
  CHECK(request.mounts[0].destination == "/b");
  CHECK(request.mounts[0].read_only);
  CHECK(request.mounts[0].make_source);
  CHECK(request.mounts[0].propagation == "rslave");
  CHECK(!request.mounts[1].read_only);
  CHECK(request.mounts[2].source == "/m");
  CHECK(request.mounts[2].destination == "/n");
  CHECK(request.mounts[2].read_only);
  CHECK(!request.mounts[2].make_source);
  CHECK(request.working_dir == "/work");
  CHECK(request.user == "1000:1000");
  CHECK(request.hostname == "h");
  CHECK(request.network == "host");
  CHECK(request.memory == 64 << 20);
  CHECK(request.memory_swap == -1);
  CHECK(request.nano_cpus == 1500000000);
  CHECK(request.pids_limit == 20);
  CHECK(request.read_only);
  REQUIRE(request.tmpfs.size() == 2);
  CHECK(request.tmpfs[0].destination == "/q");
  CHECK(request.tmpfs[0].options == "size=1024,mode=700");
  CHECK(request.tmpfs[1].options == "size=1m");
  CHECK(request.cap_add == Words{"NET_ADMIN"});
  CHECK(request.cap_drop == Words{"ALL"});
  CHECK(request.security_opt == Words{"no-new-privileges"});
  CHECK(request.labels == Pairs{{"x", "y"}});
  CHECK(request.stop_signal == "USR1");
  CHECK(request.stop_timeout == 3u);
  CHECK(request.init);
  CHECK(request.log.max_size == 1000000);
  CHECK(request.log.max_files == 5);
  CHECK(request.entrypoint == Words{"/e"});
  CHECK(fake.start.attach);
  CHECK(fake.start.interactive);
  CHECK(fake.relay.in == 0);
}

TEST_CASE("run: what is absent stays with the engine, and detached prints the id alone") {
  const Printed printed = run(kRun, {"-d", "img"});
  CHECK(printed.code == 0);
  CHECK(printed.out == "0123456789ab\n");
  CHECK(!fake.start.attach);
  CHECK(!fake.request.entrypoint);
  CHECK(!fake.request.memory);
  CHECK(!fake.request.stop_timeout);
  CHECK(fake.request.network.empty());
  CHECK(run(kRun, {"--entrypoint", "", "img"}).code == 42);
  CHECK(fake.request.entrypoint == Words{});
  CHECK(fake.relay.in == -1);
  CHECK(run(kRun, {"--net=host", "img"}).code == 42);
  CHECK(fake.request.network == "host");
}

TEST_CASE("run: a bound of zero is none") {
  CHECK(run(kRun, {"-m", "0", "--cpus", "0", "--pids-limit", "0", "--memory-swap", "0", "img"}).code == 42);
  CHECK(!fake.request.memory);
  CHECK(!fake.request.memory_swap);
  CHECK(!fake.request.nano_cpus);
  CHECK(!fake.request.pids_limit);
}

TEST_CASE("run: malformed values name option and value, and end with 125") {
  CHECK(run_error({"-m", "much"}) == "--memory: 'much' is not a size; give a number with one of b k m g t p, as 512m");
  CHECK(run_error({"--cpus", "x"}) == "--cpus: 'x' is not a number of cpus; give one such as 2 or 0.5");
  CHECK(run_error({"--pids-limit", "1x"}) == "--pids-limit: '1x' is not a number of processes");
  CHECK(run_error({"-v", "name:/x"}).find("named volumes are not supported in this release") != std::string::npos);
  CHECK(run_error({"-v", "/a:b"}) == "--volume: '/a:b': 'b' must be an absolute path in the container");
  CHECK(run_error({"-v", "/a:/"}) == "--volume: '/a:/': the container's root cannot be a mount");
  CHECK(run_error({"-v", "/a:/b:zz"}).find("'zz' is not an option of a mount") != std::string::npos);
  CHECK(run_error({"--mount", "type=bind,dst=/x"}) == "--mount: 'type=bind,dst=/x': source=… is missing");
  CHECK(run_error({"-e", "=x"}) == "--env: '=x' has no name before the '='");
  CHECK(run_error({"--log-opt", "compress=true"}) ==
        "--log-opt: 'compress' is not supported; there are max-size and max-file");
  CHECK(run_error({"--log-driver", "syslog"}) == "--log-driver: 'syslog' is not supported; json-file is");
  CHECK(run_error({"-p", "80:80"}) == "-p/--publish: published ports are not supported in this release");
  CHECK(run_error({"--env-file", "/does/not/exist"}) ==
        "--env-file: opening /does/not/exist: no such file or directory");
}

TEST_CASE("run: exit codes of what the engine refuses") {
  CHECK(run(kRun, {"missing"}).code == 125);
  CHECK(run(kRun, {"img", "no-such-command"}).code == 127);
  CHECK(run(kExec, {"missing", "x"}).code == 1);
  CHECK(run(kStart, {"-a", "web"}).code == 42);
  fake.calls.clear();
  CHECK(run(kRun, {"--detach-keys", "bogus", "img"}).code == 125);
  CHECK(run(kStart, {"-a", "--detach-keys", "bogus", "web"}).code == 1);
  CHECK(fake.calls.empty());
}

TEST_CASE("run: a tty that stdin is not") {
  const Fd terminal(dup(0));
  const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  dup2(null.get(), 0);
  const Printed printed = run(kRun, {"-it", "img"});
  CHECK(run(kRun, {"-t", "img"}).code == 42);
  dup2(terminal.get(), 0);
  CHECK(printed.code == 125);
  CHECK(printed.out.find("the input device is not a TTY") != std::string::npos);
}

TEST_CASE("several objects: each is tried, failures are told, the code is 1") {
  fake.calls.clear();
  const Printed printed = run(kStop, {"-t", "30", "a", "missing", "b"});
  CHECK(printed.code == 1);
  CHECK(printed.out == "a\nctr stop: no container is called 'missing'\nb\n");
  CHECK(fake.calls == Words{"stop a 30", "stop b 30"});
  CHECK(run(kRm, {"-f", "missing"}).code == 0);
  CHECK(run(kRm, {"missing"}).code == 1);
  CHECK(run(kWait, {"a", "b"}).out == "3\n3\n");
  fake.calls.clear();
  CHECK(run(kStop, {"-t", "x", "a"}).code == 125);
  CHECK(run(kStop, {"-t", "-1", "a"}).out == "--timeout: '-1' is not a number of seconds");
  CHECK(run(kCreate, {"--cpus", "x", "a"}).code == 125);
  CHECK(run(kKill, {"-sHUP", "a"}).code == 0);
  CHECK(run(kKill, {"a"}).code == 0);
  CHECK(fake.calls == Words{"kill a HUP", "kill a SIGKILL"});
}

TEST_CASE("ps: docker's columns, ids, templates and labels") {
  fake.containers = {{.id = std::string(64, 'a'),
                      .name = "web",
                      .image = "busybox",
                      .image_id = "sha256:1",
                      .command = "httpd -f -p 8080 -h /www",
                      .created = 1,
                      .state = "running",
                      .status = "Up 3 minutes",
                      .labels = {{"b", "2"}, {"a", "1"}},
                      .mounts = {"/a", "/b"},
                      .network = "none"}};
  const std::string table = run(kPs, {}).out;
  CHECK(table.starts_with(
      "CONTAINER ID   IMAGE     COMMAND                  CREATED        STATUS         PORTS     NAMES\n"
      "aaaaaaaaaaaa   busybox   \"httpd -f -p 8080 -h…\"   "));
  CHECK(table.ends_with("ago   Up 3 minutes             web\n"));
  CHECK(run(kPs, {"-q"}).out == "aaaaaaaaaaaa\n");
  CHECK(run(kPs, {"-q", "--no-trunc"}).out == std::string(64, 'a') + "\n");
  CHECK(run(kPs, {"--format", "{{.Names}} {{.Labels}} {{.Label \"b\"}} {{.Mounts}}"}).out == "web a=1,b=2 2 /a,/b\n");
  CHECK(run(kPs, {"--format", "table {{.Names}}\\t{{.State}}"}).out == "NAMES     STATE\nweb       running\n");
  CHECK(run(kPs, {"--format", "json"}).out.find("\"Command\":\"\\\"httpd -f -p 8080 -h…\\\"\"") != std::string::npos);
  CHECK(run(kPs, {"--format", "{{.Nmaes}}"}).out == "template: no field .Nmaes; did you mean .Names?");
  CHECK(run(kPs, {"--filter", "name"}).out == "--filter: 'name' is not name=value");
  CHECK(run(kPs, {"x"}).out == "takes no arguments, but 'x' was given");
}

TEST_CASE("images: a line a name, ports in names are no tags") {
  fake.images = {{.id = "sha256:" + std::string(64, 'b'),
                  .tags = {"localhost:5000/a/b:1", "hello:latest"},
                  .digests = {"hello@sha256:ccc"},
                  .created = 0,
                  .size = 4263840},
                 {.id = "sha256:" + std::string(64, 'd'), .created = 0, .size = 0}};
  CHECK(run(kImages, {"--format", "{{.Repository}} {{.Tag}} {{.ID}} {{.Size}} {{.Digest}} {{.CreatedSince}}"}).out ==
        "localhost:5000/a/b 1 bbbbbbbbbbbb 4.26MB <none> N/A\n"
        "hello latest bbbbbbbbbbbb 4.26MB sha256:ccc N/A\n"
        "<none> <none> dddddddddddd 0B <none> N/A\n");
  CHECK(run(kImages, {"-q"}).out == "bbbbbbbbbbbb\ndddddddddddd\n");
  CHECK(run(kImages, {"-q", "--no-trunc"}).out.starts_with("sha256:bbb"));
  CHECK(run(kImages, {}).out.starts_with("REPOSITORY           TAG       IMAGE ID       CREATED   SIZE\n"));
  CHECK(run(kImages, {"--digests"}).out.find("DIGEST") != std::string::npos);
}

TEST_CASE("inspect: what is there is shown, what is not is told") {
  CHECK(run(kInspect, {"web"}).out ==
        "[\n    {\n        \"Config\": {\n            \"Tty\": false\n        },\n        \"Id\": \"abc\"\n    }\n]\n");
  CHECK(run(kInspect, {"--format", "{{.Id}}", "web"}).out == "abc\n");
  CHECK(run(kInspect, {"--type", "image", "--format", "json", "x"}).out == "{\"Id\":\"sha256:abc\"}\n");
  const Printed missing = run(kInspect, {"missing"});
  CHECK(missing.code == 1);
  CHECK(missing.out ==
        "[]\nctr inspect: no container and no image is called 'missing'; see ctr ps -a and ctr images\n");
}

TEST_CASE("build: options, and arguments taken from the environment") {
  setenv("FROM_HERE", "value", 1);
  unsetenv("NOT_HERE");
  const Printed printed =
      run(kBuild, {"-t", "a", "-t", "b:1", "-f", "-", "--build-arg", "FROM_HERE", "--build-arg", "NOT_HERE",
                   "--build-arg=X=1=2", "--target", "t", "--no-cache", "-q", "--network", "host", "/tmp"});
  CHECK(printed.out == "sha256:abc\n");
  const BuildRequest& request = fake.build_request;
  CHECK(request.context == "/tmp");
  CHECK(request.tags == Words{"a", "b:1"});
  CHECK(request.dockerfile == "-");
  CHECK(request.input == 0);
  CHECK(request.build_args == Pairs{{"FROM_HERE", "value"}, {"X", "1=2"}});
  CHECK(request.target == "t");
  CHECK(request.network == "host");
  CHECK(!request.use_cache);
  CHECK(run(kBuild, {"/tmp"}).out.empty());
  CHECK(run(kBuild, {"-"}).code == 0);
  CHECK(fake.build_request.context == "-");
  CHECK(run(kBuild, {"-f", "-", "-"}).code == 1);
  CHECK(run(kBuild, {"/does/not/exist"}).out == "opening the context /does/not/exist: no such file or directory");
}

TEST_CASE("logs: tails and moments") {
  CHECK(run(kLogs, {"--tail", "5", "-ft", "--since", "100.5", "--until", "2026-01-02T03:04:05.25Z", "web"}).code == 0);
  CHECK(fake.log_request.tail == 5u);
  CHECK(fake.log_request.follow);
  CHECK(fake.log_request.timestamps);
  CHECK(fake.log_request.since == 100'500'000'000);
  CHECK(fake.log_request.until == 1767323045'250'000'000);
  run(kLogs, {"-n", "all", "web"});
  CHECK(!fake.log_request.tail);
  CHECK(run(kLogs, {"-n", "x", "web"}).out == "'x' is not a number of lines, nor 'all'");
}

TEST_CASE("exec: options end at the container's name") {
  CHECK(run(kExec, {"-i", "-e", "A=1", "-w", "/x", "-u", "u", "web", "sh", "-c", "-i"}).code == 42);
  CHECK(fake.exec_request.command == Words{"sh", "-c", "-i"});
  CHECK(fake.exec_request.interactive);
  CHECK(fake.exec_request.env == Words{"A=1"});
  CHECK(fake.exec_request.working_dir == "/x");
  CHECK(fake.exec_request.user == "u");
  CHECK(run(kExec, {"web"}).out == "needs at least 2 arguments, 1 given: CONTAINER COMMAND [ARG...]");
}

TEST_CASE("help of ctr itself names every command once in its group") {
  const std::string help = root_help();
  for (const CommandName& known : command_names()) {
    if (known.name.find(' ') != std::string_view::npos) continue;
    CAPTURE(std::string(known.name));
    CHECK(help.find("\n  " + std::string(known.name) + " ") != std::string::npos);
  }
  CHECK(family_help("image").find("\n  ls ") != std::string::npos);
}

TEST_CASE("roots come from options, then from the environment") {
  setenv("CTR_ROOT", "/env/root", 1);
  unsetenv("CTR_RUN_ROOT");
  const std::vector<std::string> words = {"--run-root", "/given/run", "ps"};
  const EngineConfig config = engine_config(parse(root_grammar(), words));
  CHECK(config.data_root == "/env/root");
  CHECK(config.run_root == "/given/run");
  CHECK(config.libexec == "/usr/libexec/ctr");
  CHECK(engine_config(parse(root_grammar(), Words{"--root", "rel", "ps"})).data_root.starts_with("/"));
  unsetenv("CTR_ROOT");
}
