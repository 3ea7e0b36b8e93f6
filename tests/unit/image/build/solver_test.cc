// The solver with an executor that plays recorded commands: no mount is made, so a step sees its own layer alone.
#include "image/build/solver.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <functional>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "image/store/check.h"
#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::build;

namespace {

// What a shell line does to the root; returns its exit code.
using Play = std::function<int(const Dir& root, const Command& command)>;

class RecordedExecutor : public Executor {
 public:
  std::map<std::string, Play> plays;
  std::vector<std::string> ran;
  std::vector<Command> commands;

  Fd mount_root(const RootLayers& layers) override {
    return Dir::open(layers.upper.empty() ? layers.lowers.at(0) : layers.upper).release();
  }

  std::vector<MountPoint> mount_points() const override { return {{"/proc", true}, {"/etc/hosts", false}}; }

  CommandResult run(Fd root, const Command& command) override {
    Dir dir(std::move(root));
    CHECK(dir.find_dir("proc"));
    CHECK(dir.find_at("etc/hosts", O_PATH));
    std::string line = command.arguments.back();
    ran.push_back(line);
    commands.push_back(command);
    write_all(command.output, "running " + line + "\nand no line end", "output");
    auto play = plays.find(line);
    int code = play == plays.end() ? 0 : play->second(dir, command);
    return CommandResult{ExitStatus{false, code}, false};
  }
};

void put(const Dir& root, const std::string& path, const std::string& content) {
  Fd file = root.open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  write_all(file.get(), content, path);
}

Play writes(const std::string& path, const std::string& content) {
  return [path, content](const Dir& root, const Command&) {
    put(root, path, content);
    return 0;
  };
}

struct Trial {
  testing::Scratch scratch;
  Dir top = Dir::open(scratch.path());
  Dir context = top.make_dirs("context", 0755);
  state::StateRoot root{scratch.path() + "/root", state::Durability::boot, {image::kSchema}};
  image::Store store{root};
  RecordedExecutor executor;
  Pipe output = Pipe::make();
  std::string last_details;

  image::Digest build(const std::string& text, const std::string& target = "", bool use_cache = true,
                      const std::vector<std::pair<std::string, std::string>>& build_arguments = {}) {
    dockerfile::Source source("Dockerfile", text);
    dockerfile::File file = dockerfile::parse(source);
    BuildArguments arguments(build_arguments);
    Graph graph = make_graph(source, file, target, arguments);
    Plan plan = make_plan(source, file.escape, graph, arguments, [this](const std::string& name) {
      image::Image image = store.get_image(store.resolve(name));
      return BaseImage{image.id.text(), image.config()};
    });
    SourceTree tree(context.duplicate(), IgnoreRules(), "the build context");
    DigestIndex digests;
    Progress progress(output.write_end.get(), true);
    SolverParts parts{store,  executor,  tree,          digests, progress, [](int, const Dir&) { return false; },
                      "test", use_cache, Network::none, -1};
    executor.ran.clear();
    try {
      Solver solver(std::move(parts), source, plan);
      return solver.solve({image::Reference::parse("built").with_default_tag()});
    } catch (const StepFailed& error) {
      last_details = error.details();
      throw;
    }
  }
  image::Image image(const image::Digest& id) { return store.get_image(id); }
  std::vector<std::string> problems() { return image::check_store(store); }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("each layer is what its step wrote, without what was there to be mounted on") {
  Trial trial;
  trial.executor.plays["one"] = writes("a", "1");
  trial.executor.plays["two"] = writes("b", "22");
  image::Digest id = trial.build("FROM scratch\nENV x=1\nRUN one\nRUN nothing\nRUN two\nCMD [\"/a\"]\n");
  image::Image image = trial.image(id);
  CHECK(trial.executor.ran == Lines{"one", "nothing", "two"});
  REQUIRE(image.layers.size() == 2);
  CHECK(trial.store.open_layer(image.layers[0].id).list() == Lines{"a"});
  CHECK(trial.store.open_layer(image.layers[1].id).list() == Lines{"b"});
  CHECK(image.names == Lines{"docker.io/library/built:latest"});
  image::ImageConfig config = image.config();
  CHECK(config.diff_ids.size() == 2);
  REQUIRE(config.history.size() == 5);
  CHECK(config.history[0].created_by == "ENV x=1");
  CHECK(config.history[0].empty_layer);
  CHECK_FALSE(config.history[1].empty_layer);
  CHECK(config.history[2].empty_layer);  // it wrote nothing
  CHECK(config.history[4].created_by == "CMD [\"/a\"]");
  CHECK(config.created == config.history[3].created);
  CHECK(config.config.cmd == Lines{"/a"});
  CHECK(trial.executor.commands[0].environment.back() == "x=1");
  CHECK(trial.problems() == Lines{});
}

TEST_CASE("the same inputs are not built again, and give the same image") {
  Trial trial;
  trial.executor.plays["one"] = writes("a", "1");
  trial.executor.plays["two"] = writes("b", "2");
  const char* text = "FROM scratch\nARG v=1\nRUN one\nWORKDIR /w\nRUN two\n";
  image::Digest first = trial.build(text);
  CHECK(trial.executor.ran == Lines{"one", "two"});
  CHECK(trial.build(text) == first);
  CHECK(trial.executor.ran == Lines{});
  // An argument is an input of all that follows it.
  CHECK(trial.build(text, "", true, {{"v", "2"}}) != first);
  CHECK(trial.executor.ran == Lines{"one", "two"});
  trial.build("FROM scratch\nARG v=1\nRUN one\nWORKDIR /w\nRUN three\n");
  CHECK(trial.executor.ran == Lines{"three"});
  trial.build("FROM scratch\nARG v=1\nRUN one\nUSER 5\nWORKDIR /w\nRUN two\n");
  CHECK(trial.executor.ran == Lines{"two"});
  trial.build(text, "", false);
  CHECK(trial.executor.ran == Lines{"one", "two"});
  CHECK(trial.problems() == Lines{});
}

TEST_CASE("a stage is what another begins with or copies from; others are not touched") {
  Trial trial;
  trial.executor.plays["one"] = writes("a", "1");
  trial.executor.plays["never"] = writes("never", "1");
  image::Digest id = trial.build(
      "FROM scratch AS one\nRUN one\nFROM scratch AS unused\nRUN never\nFROM one AS two\nRUN two\nFROM scratch\nCOPY "
      "--from=two a /c\n");
  CHECK(trial.executor.ran == Lines{"one", "two"});
  image::Image image = trial.image(id);
  REQUIRE(image.layers.size() == 1);
  CHECK(trial.store.open_layer(image.layers[0].id).list() == Lines{"c"});
  CHECK(trial.store.open_layer(image.layers[0].id).read_file("c", 10) == "1");
  trial.build("FROM built\nRUN more\n");
  CHECK(trial.image(trial.store.resolve("built")).layers.size() == 1);
}

TEST_CASE("a command that fails: its lines, its output, and nothing of it left; what came before is kept") {
  Trial trial;
  trial.executor.plays["one"] = writes("a", "1");
  trial.executor.plays["bad"] = [](const Dir& root, const Command&) {
    put(root, "half", "x");
    return 3;
  };
  const char* text = "FROM scratch\nRUN one\nRUN bad\n";
  try {
    trial.build(text);
    FAIL("it did not fail");
  } catch (const Error& error) {
    CHECK(error.text().find("the command '/bin/sh -c bad' exited with 3\nhint: it ran without a network") == 0);
    CHECK(trial.last_details.find(" > [2/2] RUN bad:") != std::string::npos);
    CHECK(trial.last_details.find("running bad\n") != std::string::npos);
    CHECK(trial.last_details.find("and no line end\n") != std::string::npos);
    CHECK(trial.last_details.find("   3 | >>> RUN bad\n") != std::string::npos);
  }
  CHECK(trial.problems() == Lines{});
  CHECK_FALSE(trial.store.find_image_id("built"));
  trial.executor.plays["bad"] = writes("b", "2");
  CHECK(trial.image(trial.build(text)).layers.size() == 2);
  CHECK(trial.executor.ran == Lines{"bad"});
}

TEST_CASE("what a command leaves at a mount point stays, what was made for it goes") {
  Trial trial;
  trial.executor.plays["writes hosts"] = writes("etc/hosts", "mine");
  trial.executor.plays["writes beside"] = writes("etc/other", "x");
  trial.executor.plays["replaces by a link"] = [](const Dir& root, const Command&) {
    unlinkat(root.fd(), "etc/hosts", 0);
    unlinkat(root.fd(), "etc", AT_REMOVEDIR);
    (void)root.make_dirs("target", 0755);
    put(root, "target/hosts", "");
    return symlinkat("target", root.fd(), "etc");
  };
  auto layer = [&trial](const char* line) {
    image::Image image = trial.image(trial.build(std::string("FROM scratch\nRUN ") + line + "\n"));
    return trial.store.open_layer(image.layers.at(0).id);
  };
  CHECK(layer("writes hosts").read_file("etc/hosts", 10) == "mine");
  Dir beside = layer("writes beside");
  CHECK(beside.list() == Lines{"etc"});
  CHECK(beside.open_dir("etc").list() == Lines{"other"});
  // The stub's path leads elsewhere now: nothing there is taken away.
  CHECK(layer("replaces by a link").find_at("target/hosts", O_PATH));
}

TEST_CASE("sockets are dropped, a new file in an old folder keeps the folder's time") {
  Trial trial;
  trial.executor.plays["socket"] = [](const Dir& root, const Command&) {
    put(root, "f", "x");
    return mknodat(root.fd(), "s", S_IFSOCK | 0600, 0);
  };
  image::Image image = trial.image(trial.build("FROM scratch\nRUN socket\n"));
  CHECK(trial.store.open_layer(image.layers.at(0).id).list() == Lines{"f"});
}

TEST_CASE("COPY names what is missing") {
  Trial trial;
  put(trial.context, "file", "x");
  try {
    trial.build("FROM scratch\nCOPY fil /\n");
    FAIL("it did not fail");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::not_found);
    CHECK(error.text() == "'fil' is not in the build context (did you mean file?)");
  }
  CHECK(trial.problems() == Lines{});
}
