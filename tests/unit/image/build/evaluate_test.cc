#include "image/build/evaluate.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using namespace crun;
using namespace crun::build;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Evaluates the target stage of one file; FROM of an image or a stage begins with nothing here.
struct Trial {
  explicit Trial(const std::string& text, const Pairs& build_arguments = {}, const std::string& target = "")
      : source("Dockerfile", text), file(dockerfile::parse(source)), arguments(build_arguments) {
    graph = make_graph(source, file, target, arguments);
  }

  StageState state = StageState::scratch();
  std::vector<Evaluated> run() {
    Scope scope{source, file.escape, graph, graph.target, arguments};
    std::vector<Evaluated> result;
    for (const dockerfile::Instruction* instruction : graph.stages[graph.target].instructions) {
      result.push_back(evaluate(scope, *instruction, state));
    }
    return result;
  }
  const image::ContainerConfig& config() { return state.config.config; }

  dockerfile::Source source;
  dockerfile::File file;
  BuildArguments arguments;
  Graph graph;
};

std::string refused(const std::string& text, const Pairs& arguments = {}, const std::string& target = "") {
  try {
    Trial trial(text, arguments, target);
    trial.run();
  } catch (const Error& error) {
    return error.text().substr(0, error.text().find('\n'));
  }
  return "not refused";
}

template <typename Kind>
Kind only(const std::vector<Evaluated>& list, size_t index = 0) {
  return std::get<Kind>(list.at(index).step);
}

}  // namespace

TEST_CASE("only the stages that the target needs are built") {
  const char* text =
      "FROM a AS one\nFROM b AS two\nCOPY --from=one x y\nFROM c AS three\nFROM two AS four\nCOPY --from=0 x y\nFROM "
      "d\n"
      "COPY --from=FOUR x y\nCOPY --from=busybox x y\n";
  CHECK(Trial(text).graph.order == std::vector<size_t>{0, 1, 3, 4});
  CHECK(Trial(text, {}, "two").graph.order == std::vector<size_t>{0, 1});
  CHECK(Trial(text, {}, "2").graph.order == std::vector<size_t>{2});
  CHECK(Trial(text, {}, "Three").graph.order == std::vector<size_t>{2});
  CHECK(Trial(text).graph.stages[3].base_stage == 1);
  CHECK_FALSE(Trial(text).graph.stages[0].base_stage);
}

TEST_CASE("a graph that is not right") {
  CHECK(refused("FROM a AS one\n", {}, "onee") == "Dockerfile: it has no stage 'onee' (did you mean one?)");
  CHECK(refused("FROM a\nFROM b\n", {}, "2") == "Dockerfile: it has no stage '2'");
  CHECK(refused("ARG x=1\n") == "Dockerfile: it has no FROM, so there is nothing to build");
  CHECK(refused("RUN true\nFROM a\n") == "Dockerfile:1:1: only ARG may stand before the first FROM");
  CHECK(refused("FROM a AS b\nCOPY --from=b x y\n") ==
        "Dockerfile:2:6: stage 'b' is not built before this one: --from takes stages above");
  CHECK(refused("FROM a AS b\nCOPY --from=c x y\nFROM d AS c\nCOPY --from=b x y\n") ==
        "Dockerfile:2:6: stage 'c' is not built before this one: --from takes stages above");
  CHECK(refused("FROM a\nCOPY --from=0 x y\n") ==
        "Dockerfile:2:6: stage '0' is not built before this one: --from takes stages above");
  CHECK(refused("FROM a\nCOPY --from=$x a b\n").find("--from takes no variables") != std::string::npos);
  CHECK(refused("FROM ${x}\n").find("'${x}' is empty") != std::string::npos);
  CHECK(refused("FROM a AS scratch\n") == "Dockerfile:1:11: a stage cannot be named scratch");
}

TEST_CASE("ARG: default, build argument, global, unset") {
  const char* text = "ARG base=busybox v=global other\nFROM ${base}:${v}\nARG v\nARG w=$v-w\nARG x\nRUN true\n";
  Trial defaults(text);
  CHECK(defaults.graph.stages[0].image.value == "busybox:global");
  CHECK(only<RunStep>(defaults.run(), 3).build_arguments == Pairs{{"v", "global"}, {"w", "global-w"}});

  Trial given(text, {{"v", "1"}, {"x", ""}, {"w", "given"}, {"stray", "s"}});
  CHECK(given.graph.stages[0].image.value == "busybox:1");
  CHECK(only<RunStep>(given.run(), 3).build_arguments == Pairs{{"v", "1"}, {"w", "given"}, {"x", ""}});
  CHECK(given.arguments.unused() == std::vector<std::string>{"stray"});

  // A global one is not seen in a stage that does not ask for it.
  Trial hidden("ARG v=1\nFROM scratch\nENV a=[$v]\n");
  hidden.run();
  CHECK(hidden.state.environment.find("a") == "[]");
  CHECK(refused("FROM scratch\nARG TARGETARCH\n").find("TARGETARCH is not set by this release") != std::string::npos);
  CHECK(refused("FROM scratch\nARG TARGETARCH\n", {{"TARGETARCH", "amd64"}}) == "not refused");
}

TEST_CASE("ENV hides ARG, and sees what was before its instruction") {
  Trial trial("FROM scratch\nARG a=arg\nENV a=env b=$a\nENV a=new c=$a\nRUN echo $a\n");
  auto steps = trial.run();
  CHECK(trial.config().env ==
        std::vector<std::string>{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "a=new", "b=arg",
                                 "c=env"});
  RunStep run = only<RunStep>(steps, 3);
  CHECK(run.environment == trial.config().env);
  CHECK(run.build_arguments.empty());
  CHECK(run.arguments == std::vector<std::string>{"/bin/sh", "-c", "echo $a"});
  CHECK(steps[3].created_by == "RUN /bin/sh -c echo $a");
}

TEST_CASE("RUN's history names its arguments, SHELL changes the shell form") {
  Trial trial(
      "FROM scratch\nARG v=1\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN echo $v\nRUN [\"a\", \"b\"]\nCMD x y\nENTRYPOINT "
      "[\"e\"]\n");
  auto steps = trial.run();
  CHECK(only<RunStep>(steps, 2).arguments == std::vector<std::string>{"/bin/bash", "-ec", "echo $v"});
  CHECK(steps[2].created_by == "RUN |1 v=1 /bin/bash -ec echo $v");
  CHECK(only<RunStep>(steps, 3).arguments == std::vector<std::string>{"a", "b"});
  CHECK(trial.config().cmd == std::vector<std::string>{"/bin/bash", "-ec", "x y"});
  CHECK(steps[4].created_by == "CMD [\"/bin/bash\" \"-ec\" \"x y\"]");
  CHECK(trial.config().entrypoint == std::vector<std::string>{"e"});
}

TEST_CASE("ENTRYPOINT takes the base's CMD away, not the stage's own") {
  Trial base("FROM scratch\nENTRYPOINT e\n");
  base.state.config.config.cmd = std::vector<std::string>{"of the base"};
  base.run();
  CHECK_FALSE(base.config().cmd);
  Trial own("FROM scratch\nCMD []\nENTRYPOINT e\n");
  own.run();
  CHECK(own.config().cmd == std::vector<std::string>{});
}

TEST_CASE("WORKDIR is relative to the one before, and to which COPY's destination is") {
  Trial trial(
      "FROM scratch\nENV d=/x\nWORKDIR a\nWORKDIR b/../c\nCOPY f .\nCOPY f g\nCOPY f $d/\nWORKDIR $d/y\nCOPY f g h "
      "./\nCOPY f ..\n");
  auto steps = trial.run();
  CHECK(only<FolderStep>(steps, 1).path == "/a");
  CHECK(only<FolderStep>(steps, 2).path == "/a/c");
  CHECK(only<CopyStep>(steps, 3).destination == "/a/c/");
  CHECK(only<CopyStep>(steps, 4).destination == "/a/c/g");
  CHECK(only<CopyStep>(steps, 5).destination == "/x/");
  CHECK(trial.config().working_dir == "/x/y");
  CHECK(only<CopyStep>(steps, 7).destination == "/x/y/");
  CHECK(only<CopyStep>(steps, 7).sources == std::vector<std::string>{"f", "g", "h"});
  CHECK(only<CopyStep>(steps, 8).destination == "/x/");
  CHECK(refused("FROM scratch\nWORKDIR $nothing\n").find("WORKDIR is empty") != std::string::npos);
}

TEST_CASE("COPY's and ADD's flags and refusals") {
  Trial trial("FROM a AS one\nFROM scratch\nARG u=app\nCOPY --from=one --chown=$u:1 --chmod=4755 x /y\nADD x /\n");
  auto steps = trial.run();
  CopyStep copy = only<CopyStep>(steps, 1);
  CHECK(copy.from->stage == 0);
  CHECK(copy.owner == "app:1");
  CHECK(copy.mode == 04755);
  CHECK_FALSE(copy.add);
  CHECK(only<CopyStep>(steps, 2).add);
  CHECK(refused("FROM scratch\nCOPY a b c\n") == "Dockerfile:2:10: 2 sources go into a folder: write 'c/'");
  CHECK(refused("FROM scratch\nCOPY --chmod=u+x a b\n").find("it is octal") != std::string::npos);
  CHECK(refused("FROM scratch\nCOPY --chmod=10000 a b\n").find("it is octal") != std::string::npos);
  CHECK(refused("FROM scratch\nCOPY $x b\n").find("a source is empty") != std::string::npos);
  CHECK(refused("FROM scratch\nADD https://example.com/x /\n").find("ADD of a URL is not supported") !=
        std::string::npos);
  CHECK(refused("FROM scratch\nADD git@example.com:x /\n").find("git repository is not supported") !=
        std::string::npos);
}

TEST_CASE("the rest of the configuration") {
  Trial trial(
      "FROM scratch\nMAINTAINER Jane\nARG p=8080\nEXPOSE $p 53/UDP 8080/tcp\nVOLUME /b /a\nVOLUME [\"/b\"]\nLABEL "
      "a=\"x y\" b=$p\nUSER "
      "$p:1\nSTOPSIGNAL SIGRTMIN+3\nHEALTHCHECK --interval=1s CMD true\n");
  trial.run();
  CHECK(trial.state.config.author == "Jane");
  CHECK(trial.config().exposed_ports == std::vector<std::string>{"53/udp", "8080/tcp"});
  CHECK(trial.config().volumes == std::vector<std::string>{"/a", "/b"});
  CHECK(trial.config().labels == std::map<std::string, std::string>{{"a", "x y"}, {"b", "8080"}});
  CHECK(trial.config().user == "8080:1");
  CHECK(trial.config().stop_signal == "SIGRTMIN+3");
  CHECK(trial.config().healthcheck->test == std::vector<std::string>{"CMD-SHELL", "true"});
  CHECK(trial.config().healthcheck->interval == 1'000'000'000);
  for (const char* port : {"0", "65536", "80/icmp", "x", "80-90", ""}) {
    CAPTURE(port);
    if (*port == '\0') continue;
    CHECK(refused(std::string("FROM scratch\nEXPOSE ") + port + "\n") != "not refused");
  }
  CHECK(refused("FROM scratch\nSTOPSIGNAL 65\n").find("is no signal") != std::string::npos);
  CHECK(refused("FROM scratch\nSTOPSIGNAL sigterm\n").find("is no signal") != std::string::npos);
}

TEST_CASE("a base with ONBUILD triggers is refused") {
  image::ImageConfig config;
  config.config.on_build = {"RUN true"};
  CHECK_THROWS_AS(StageState::from(config), Error);
}
