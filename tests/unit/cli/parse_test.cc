#include "cli/command/parse.h"

#include <doctest/doctest.h>

#include "cli/command/help.h"
#include "cli/command/nearest.h"

using crun::cli::Grammar;
using crun::cli::help_text;
using crun::cli::nearest;
using crun::cli::Option;
using crun::cli::Options;
using crun::cli::parse;
using crun::cli::RefusedOption;
using crun::cli::Takes;
using crun::cli::UsageError;

namespace {

using Words = std::vector<std::string>;

constexpr Option kOptions[] = {
    {.name = "env", .letter = 'e', .takes = Takes::values, .value_name = "list", .help = "Set a variable"},
    {.name = "interactive", .letter = 'i', .help = "Keep stdin open"},
    {.name = "memory", .letter = 'm', .takes = Takes::value, .value_name = "bytes", .help = "Bound the memory"},
    {.name = "net", .takes = Takes::value, .value_name = "network", .help = "", .hidden = true},
    {.name = "rm", .help = "Remove it when it ends"},
    {.name = "tty", .letter = 't', .help = "Give it a terminal"},
};
constexpr RefusedOption kRefused[] = {{"publish", 'p', "published ports are not supported"}};
constexpr Grammar kRun = {.name = "run",
                          .arguments = "IMAGE [COMMAND] [ARG...]",
                          .summary = "Makes a container and starts it",
                          .example = "ctr run --rm -it busybox sh",
                          .options = kOptions,
                          .refused = kRefused,
                          .least = 1,
                          .options_end_at_argument = true};
constexpr Grammar kPair = {.name = "tag", .arguments = "SOURCE TARGET", .options = kOptions, .least = 2, .most = 2};

Options run(const Words& words) { return parse(kRun, words); }

std::string error_of(const Grammar& grammar, const Words& words, int code) {
  try {
    parse(grammar, words);
  } catch (const UsageError& error) {
    CHECK(error.exit_code() == code);
    return error.text();
  }
  return "no error";
}

}  // namespace

TEST_CASE("values are attached, follow, or stand behind an equals sign") {
  for (const Words& words : {Words{"-m512m", "x"}, Words{"-m", "512m", "x"}, Words{"-m=512m", "x"},
                             Words{"--memory=512m", "x"}, Words{"--memory", "512m", "x"}})
    CHECK(run(words).text("memory") == "512m");
}

TEST_CASE("an empty value is a value and takes nothing from its neighbour") {
  CHECK(run({"--memory=", "x"}).arguments == Words{"x"});
  CHECK(*run({"--memory=", "x"}).find("memory") == "");
  CHECK(run({"--memory", "", "x"}).arguments == Words{"x"});
  CHECK(run({"x"}).find("memory") == nullptr);
}

TEST_CASE("a value may look like an option") {
  CHECK(run({"-m", "-1", "x"}).text("memory") == "-1");
  CHECK(run({"-e", "--rm", "x"}).all("env") == Words{"--rm"});
  CHECK(!run({"-e", "--rm", "x"}).flag("rm"));
}

TEST_CASE("clusters of switches, the last letter may take a value") {
  const Options options = run({"-itm", "1g", "-eA=1", "-e", "B=2", "x"});
  CHECK(options.flag("interactive"));
  CHECK(options.flag("tty"));
  CHECK(options.text("memory") == "1g");
  CHECK(options.all("env") == Words{"A=1", "B=2"});
  CHECK(run({"-itm1g", "x"}).text("memory") == "1g");
  CHECK(run({"-itm=1g", "x"}).text("memory") == "1g");
  CHECK(run({"-ie=A=1", "x"}).all("env") == Words{"A=1"});
}

TEST_CASE("switches take a value behind an equals sign alone") {
  CHECK(!run({"--rm=false", "x"}).flag("rm", true));
  CHECK(run({"--rm=1", "x"}).flag("rm"));
  CHECK(!run({"-i=F", "x"}).flag("interactive"));
  CHECK(run({"--rm", "false"}).arguments == Words{"false"});
  CHECK(run({"-it=false", "x"}).flag("interactive"));
  CHECK(!run({"-it=false", "x"}).flag("tty", true));
  CHECK(error_of(kRun, {"--rm=", "x"}, 125) == "--rm: '' is neither true nor false");
  CHECK(error_of(kRun, {"--rm=maybe", "x"}, 125) == "--rm: 'maybe' is neither true nor false");
}

TEST_CASE("options end at the first argument only where the grammar says so") {
  CHECK(run({"--rm", "image", "ls", "-l", "--rm=false", "--"}).arguments ==
        Words{"image", "ls", "-l", "--rm=false", "--"});
  CHECK(run({"--", "-image", "x"}).arguments == Words{"-image", "x"});
  const Options options = parse(kPair, Words{"a", "--rm", "b"});
  CHECK(options.arguments == Words{"a", "b"});
  CHECK(options.flag("rm"));
  CHECK(parse(kPair, Words{"-", "--", "--rm"}).arguments == Words{"-", "--rm"});
}

TEST_CASE("what is wrong names itself and the nearest that is right") {
  CHECK(error_of(kRun, {"--memroy", "1g", "x"}, 125) == "unknown option --memroy; did you mean --memory?");
  CHECK(error_of(kRun, {"--zzzzzz"}, 125) == "unknown option --zzzzzz");
  CHECK(error_of(kRun, {"-z"}, 125) == "unknown option -z");
  CHECK(error_of(kRun, {"-rm", "x"}, 125) == "unknown option -r in -rm; did you mean --rm?");
  CHECK(error_of(kRun, {"-m"}, 125) == "-m needs a value (bytes)");
  CHECK(error_of(kRun, {}, 1) == "needs at least 1 argument, none given: IMAGE [COMMAND] [ARG...]");
  CHECK(error_of(kPair, {"a", "b", "c"}, 1) == "needs exactly 2 arguments, 3 given: SOURCE TARGET");
}

TEST_CASE("an option of docker's that is not here is refused by name") {
  const std::string text = "-p/--publish: published ports are not supported in this release";
  CHECK(error_of(kRun, {"-p", "80:80", "x"}, 125) == text);
  CHECK(error_of(kRun, {"-itp80:80", "x"}, 125) == text);
  CHECK(error_of(kRun, {"--publish=80:80", "x"}, 125) == text);
}

TEST_CASE("help is asked for by name or letter, and stops the rest") {
  CHECK(run({"--help", "--nonsense"}).help);
  CHECK(run({"-h"}).help);
  CHECK(!run({"x", "--help"}).help);
}

TEST_CASE("help shows usage, example and options, without hidden ones") {
  CHECK(help_text("ctr", kRun) ==
        "Usage:  ctr run [OPTIONS] IMAGE [COMMAND] [ARG...]\n"
        "\n"
        "Makes a container and starts it\n"
        "\n"
        "Example:\n"
        "  ctr run --rm -it busybox sh\n"
        "\n"
        "Options:\n"
        "  -e, --env list       Set a variable\n"
        "  -i, --interactive    Keep stdin open\n"
        "  -m, --memory bytes   Bound the memory\n"
        "      --rm             Remove it when it ends\n"
        "  -t, --tty            Give it a terminal\n");
}

TEST_CASE("nearest takes swaps, and nothing that is too far") {
  const std::string_view words[] = {"images", "inspect", "run", "rm"};
  CHECK(nearest("imgaes", words) == "images");
  CHECK(nearest("rum", words) == "run");
  CHECK(!nearest("frobnicate", words));
  CHECK(!nearest("", words));
}
