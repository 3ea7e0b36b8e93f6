// engine/container, engine/session: rows as JSON, words for people, detach keys.
#include <doctest/doctest.h>

#include "crun/error.h"
#include "engine/container/describe.h"
#include "engine/container/files.h"
#include "engine/container/names.h"
#include "engine/container/request_json.h"
#include "engine/image/changes.h"
#include "engine/session/detach_keys.h"
#include "engine/spec/validate.h"

using namespace crun;
using namespace crun::engine;

TEST_CASE("a request comes back from its row as it was") {
  ContainerRequest request;
  request.image = "busybox:1";
  request.command = {"sh", "-c", "echo \xc3\xa9"};
  request.entrypoint.emplace();
  request.env = {"A=b"};
  request.mounts = {{"/a", "/b", true, true, "rslave"}};
  request.tmpfs = {{"/t", "size=1m"}};
  request.memory = 1 << 30;
  request.memory_swap = -1;
  request.nano_cpus = 500'000'000;
  request.pids_limit = 0;
  request.labels = {{"k", "v"}, {"k2", ""}};
  request.stop_timeout = 0;
  request.interactive = request.tty = request.init = true;
  request.log.max_size = 0;
  request.log.max_files = 7;
  ContainerRequest back = read_request(write_request(request));
  CHECK(back.command == request.command);
  REQUIRE(back.entrypoint.has_value());
  CHECK(back.entrypoint->empty());
  CHECK(back.mounts[0].propagation == "rslave");
  CHECK(back.mounts[0].read_only);
  CHECK(back.mounts[0].make_source);
  CHECK(back.tmpfs[0].options == "size=1m");
  CHECK(back.memory_swap == -1);
  CHECK(back.pids_limit == 0);
  CHECK(back.stop_timeout == 0);
  CHECK(back.labels == request.labels);
  CHECK(back.log.max_size == 0);
  CHECK(back.log.max_files == 7);
  CHECK(back.init);
  CHECK_FALSE(back.remove);
  CHECK(write_request(back) == write_request(request));
  CHECK_FALSE(read_request(write_request(ContainerRequest())).entrypoint.has_value());
  CHECK_THROWS_AS(read_request("{\"memory\":\"much\"}"), Error);
}

TEST_CASE("durations in docker's steps") {
  CHECK(duration_text(0) == "Less than a second");
  CHECK(duration_text(1) == "1 second");
  CHECK(duration_text(59) == "59 seconds");
  CHECK(duration_text(60) == "About a minute");
  CHECK(duration_text(150) == "2 minutes");
  CHECK(duration_text(3600) == "About an hour");
  CHECK(duration_text(3600 * 30) == "30 hours");
  CHECK(duration_text(3600 * 24 * 5) == "5 days");
  CHECK(duration_text(3600 * 24 * 20) == "2 weeks");
  CHECK(duration_text(3600 * 24 * 100) == "3 months");
  CHECK(duration_text(int64_t{3600} * 24 * 900) == "2 years");
}

TEST_CASE("states and their words") {
  constexpr int64_t kSecond = 1'000'000'000;
  Condition condition;
  CHECK(std::string(state_name(condition)) == "created");
  CHECK(status_text(condition, 0) == "Created");
  StatusRecord record;
  record.state = RecordState::running;
  record.started_at = 100 * kSecond;
  condition.record = record;
  condition.attended = condition.unfinished = true;
  CHECK(std::string(state_name(condition)) == "running");
  CHECK(status_text(condition, 110 * kSecond) == "Up 10 seconds");
  record.state = RecordState::exited;
  record.exit_code = 3;
  record.finished_at = 110 * kSecond;
  condition.record = record;
  condition.unfinished = false;
  CHECK(status_text(condition, 120 * kSecond) == "Exited (3) 10 seconds ago");
  // One that could not be started is as it was made.
  record.state = RecordState::failed;
  condition.record = record;
  CHECK(std::string(state_name(condition)) == "created");
}

TEST_CASE("commands as one line") {
  CHECK(command_text({"sh", "-c", "echo 'hi'", ""}) == "sh -c 'echo '\\''hi'\\''' ''");
}

TEST_CASE("names that are made up are names that are taken") {
  for (unsigned attempt = 0; attempt < 20; ++attempt) CHECK_NOTHROW(validate_name(make_up_name(attempt)));
  CHECK(make_up_name(0) != make_up_name(10));
}

TEST_CASE("detach keys are found however they are cut, and nothing else is lost") {
  std::string keys = parse_detach_keys("ctrl-p,ctrl-q");
  CHECK(keys == "\x10\x11");
  DetachKeys detach(keys);
  CHECK(detach.filter("ab\x10") == "ab");
  CHECK(detach.filter("c") ==
        "\x10"
        "c");
  CHECK(detach.filter("\x10\x10") == "\x10");
  CHECK_FALSE(detach.detached());
  CHECK(detach.filter("\x11rest") == "");
  CHECK(detach.detached());
  CHECK(DetachKeys("").filter("\x10\x11") == "\x10\x11");
  CHECK(parse_detach_keys("a,ctrl-@,ctrl-[") == std::string("a\0\x1b", 3));
  CHECK_THROWS_AS(parse_detach_keys("ctrl-1"), Error);
  CHECK_THROWS_AS(parse_detach_keys("ctrl-p,"), Error);
}

TEST_CASE("hosts names the container") {
  CHECK(hosts_text("box").find("127.0.0.1\tbox\n") != std::string::npos);
  CHECK(hosts_text("box").find("127.0.0.1\tlocalhost") != std::string::npos);
}

TEST_CASE("import's changes") {
  image::ContainerConfig config;
  apply_change(config, "CMD [\"sh\"]");
  apply_change(config, "ENTRYPOINT run it");
  apply_change(config, "ENV A=\"b c\" D=e");
  apply_change(config, "ENV A=2");
  apply_change(config, "EXPOSE 80 53/udp");
  apply_change(config, "LABEL a=b");
  apply_change(config, "USER app");
  apply_change(config, "WORKDIR /w");
  apply_change(config, "VOLUME /data");
  CHECK(*config.cmd == std::vector<std::string>{"sh"});
  CHECK(*config.entrypoint == std::vector<std::string>{"/bin/sh", "-c", "run it"});
  CHECK(config.env == std::vector<std::string>{"A=2", "D=e"});
  CHECK(config.exposed_ports == std::vector<std::string>{"53/udp", "80/tcp"});
  CHECK(config.labels.at("a") == "b");
  CHECK(config.user == "app");
  CHECK(config.working_dir == "/w");
  CHECK(config.volumes == std::vector<std::string>{"/data"});
  CHECK_THROWS_AS(apply_change(config, "RUN rm -rf /"), Error);
  CHECK_THROWS_AS(apply_change(config, "nonsense"), Error);
}
