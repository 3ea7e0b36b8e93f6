#include "cli/format/template.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "crun/error.h"

using crun::Error;
using crun::cli::Template;
using nlohmann::json;

namespace {

const json kContainer = json::parse(R"({
  "Id": "abc123", "Name": "/web", "Pid": 0, "Size": 1.5,
  "State": {"Running": true, "ExitCode": 3, "Error": "", "Health": null},
  "Config": {"Env": ["A=1", "B=2"], "Cmd": [], "Entrypoint": null, "Labels": {"com.example": "yes", "x": "z"}},
  "Mounts": [{"Source": "/a", "RW": true}, {"Source": "/b", "RW": false}]
})");

std::string render(std::string_view text) { return Template::parse(text).render(kContainer); }

std::string error_of(std::string_view text) {
  try {
    return "no error: " + render(text);
  } catch (const Error& error) {
    return error.text();
  }
}

}  // namespace

TEST_CASE("text and fields") {
  CHECK(render("id={{.Id}}!") == "id=abc123!");
  CHECK(render("{{ .State.ExitCode }}/{{.State.Running}}/{{.Size}}") == "3/true/1.5");
  CHECK(render("{{.Config.Env}} {{.Config.Labels}}") == "[A=1 B=2] map[com.example:yes x:z]");
  CHECK(render("{{.State.Health}} {{$.Id}} {{.Config.Entrypoint}}") == "<no value> abc123 <no value>");
  CHECK(render("") == "");
  CHECK(render("no action") == "no action");
}

TEST_CASE("range over lists and maps, with and without variables") {
  CHECK(render("{{range .Config.Env}}{{.}};{{end}}") == "A=1;B=2;");
  CHECK(render("{{range $i, $e := .Config.Env}}{{$i}}={{$e}} {{end}}") == "0=A=1 1=B=2 ");
  CHECK(render("{{range $k, $v := .Config.Labels}}{{$k}}:{{$v}},{{end}}") == "com.example:yes,x:z,");
  CHECK(render("{{range .Config.Cmd}}x{{else}}none{{end}}") == "none");
  CHECK(render("{{range .Mounts}}{{if .RW}}{{.Source}}{{$.Id}}{{end}}{{end}}") == "/aabc123");
}

TEST_CASE("if, else if, with, nesting and trimming") {
  CHECK(render("{{if .Pid}}a{{else if .State.Running}}b{{else}}c{{end}}") == "b");
  CHECK(render("{{with .State}}{{.ExitCode}}{{end}}{{with .Pid}}x{{else}}y{{end}}") == "3y");
  CHECK(render("a  {{- /* gone */ -}}  b") == "ab");
  CHECK(render("a {{- .Id -}} b") == "aabc123b");
  CHECK(render("{{if and .State.Running (eq .State.ExitCode 3) (not .Pid)}}all{{end}}") == "all");
}

TEST_CASE("pipes and docker's functions") {
  CHECK(render("{{json .Config.Env}}") == R"(["A=1","B=2"])");
  CHECK(render("{{.Config.Env | json}}") == R"(["A=1","B=2"])");
  CHECK(render("{{join .Config.Env \", \"}}") == "A=1, B=2");
  CHECK(render("{{.Name | printf \"%s-%d\" .Id | upper}}") == "ABC123-%!D(STRING=/WEB)");
  CHECK(render("{{printf \"%-8s|%5d|%05d|%q|%.2f|%t%%\" .Id 42 7 \"x\" .Size true}}") ==
        "abc123  |   42|00007|\"x\"|1.50|true%");
  CHECK(render("{{len .Mounts}} {{len .Id}} {{index .Config.Labels \"com.example\"}} {{index .Config.Env 1}}") ==
        "2 6 yes B=2");
  CHECK(render("[{{index .Config.Labels \"missing\"}}]") == "[]");
  CHECK(render("{{(index .Mounts 0).Source}}") == "/a");
  CHECK(render("{{slice .Id 0 3}} {{truncate .Id 2}} {{title \"two words\"}} {{lower \"ABC\"}}") ==
        "abc ab Two Words abc");
  CHECK(render("{{range split \"a,b\" \",\"}}<{{.}}>{{end}}") == "<a><b>");
  CHECK(render("{{println .Id 1}}{{print 1 2 \"x\"}}") == "abc123 1\n1 2x");
  CHECK(render("{{$x := .Id}}{{if true}}{{$x = \"changed\"}}{{end}}{{$x}}") == "changed");
  CHECK(render("{{or .Pid .Id}} {{lt 1 2}} {{ne `a` \"b\"}}") == "abc123 true true");
}

TEST_CASE("fields with arguments are methods") {
  const auto method = [](const json&, std::string_view name, std::span<const json> arguments) {
    return name == "Label" ? std::optional<json>("<" + arguments[0].get<std::string>() + ">") : std::nullopt;
  };
  CHECK(Template::parse("{{.Label \"x\"}}").render(kContainer, method) == "<x>");
  CHECK_THROWS_AS(Template::parse("{{.Other \"x\"}}").render(kContainer, method), Error);
}

TEST_CASE("errors say where and what instead") {
  CHECK(error_of("{{.Nmae}}") == "template: no field .Nmae; did you mean .Name?");
  CHECK(error_of("{{.Mounts.X}}").find("has no field .X") != std::string::npos);
  CHECK(error_of("{{.State.Zzzzzzzzz}}") ==
        "template: no field .Zzzzzzzzz; there are .Error .ExitCode .Health .Running");
  CHECK(error_of("{{.Id") == "template: column 6: an action has no closing braces");
  CHECK(error_of("{{if .Id}}x") == "template: column 12: a block has no {{end}} before the end");
  CHECK(error_of("x{{end}}") == "template: column 4: '{{end}}' without its beginning");
  CHECK(error_of("{{jsno .}}") == "template: no function jsno; did you mean json?");
  CHECK(error_of("{{\"x}}") == "template: column 3: a string has no end");
  CHECK(error_of("{{}}") == "template: column 3: a value is missing");
  CHECK(error_of("{{index .Config.Env 9}}") == "template: index: 9 is out of range");
  CHECK(error_of("{{template \"x\"}}") == "template: column 3: 'template' is not supported");
  CHECK(error_of("{{$y}}") == "template: no variable $y");
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{{if 1}}";
  CHECK(error_of(deep).find("nested too deeply") != std::string::npos);
  CHECK(error_of("{{" + std::string(100000, '(')).find("nested too deeply") != std::string::npos);
}
