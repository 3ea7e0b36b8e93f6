#include "image/oci/config.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using namespace crun::image;
using crun::Error;

namespace {

const std::string kRootfs = R"("rootfs":{"type":"layers","diff_ids":["sha256:)" + std::string(64, 'b') + R"("]})";

std::string refusal(const std::string& text) {
  try {
    parse_image_config(text, "c.json");
  } catch (const Error& error) {
    return error.text();
  }
  return "accepted";
}

std::string with_config(const std::string& config) { return "{" + kRootfs + ",\"config\":" + config + "}"; }

}  // namespace

TEST_CASE("all that docker and the spec put into a configuration is read and written back") {
  std::string text = R"({"architecture":"arm64","author":"A","config":{"ArgsEscaped":true,"AttachStdin":false,)"
                     R"("Cmd":["-x"],"Entrypoint":["/bin/app"],"Env":["PATH=/bin","B=a=b"],)"
                     R"("ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Healthcheck":{"Interval":30000000000,"Retries":3,)"
                     R"("StartInterval":4,"StartPeriod":3,"Test":["CMD-SHELL","true"],"Timeout":2},"Labels":{"k":"v"},)"
                     R"("OnBuild":["RUN true"],"Shell":["/bin/bash","-c"],"StopSignal":"SIGQUIT","StopTimeout":7,)"
                     R"("User":"1000:1000","Volumes":{"/data":{}},"WorkingDir":"/srv"},)"
                     R"("created":"2020-01-01T00:00:00Z","docker_version":"20.10","history":[{"author":"A",)"
                     R"("comment":"C","created":"2020-01-01T00:00:00Z","created_by":"ADD"},{"empty_layer":true}],)"
                     R"("os":"linux","os.features":["x"],"os.version":"1",)" +
                     kRootfs.substr(0, kRootfs.find("\"diff_ids")) + R"("diff_ids":["sha256:)" + std::string(64, 'b') +
                     R"("]},"variant":"v8"})";
  ImageConfig config = parse_image_config(text, "c.json");
  CHECK(config.platform == Platform{"linux", "arm64", "v8", "1"});
  CHECK(config.config.env == std::vector<std::string>{"PATH=/bin", "B=a=b"});
  CHECK(config.config.exposed_ports == std::vector<std::string>{"443/tcp", "80/tcp"});
  CHECK(config.config.healthcheck->start_interval == 4);
  CHECK(config.config.unknown == std::map<std::string, std::string>{{"AttachStdin", "false"}});
  CHECK(config.unknown == std::map<std::string, std::string>{{"docker_version", "\"20.10\""}});
  CHECK(config.history.at(1).empty_layer);
  CHECK(config.config.stop_timeout == 7);
  ImageConfig again = parse_image_config(write_image_config(config), "again");
  CHECK(again == config);
  CHECK(write_image_config(again) == write_image_config(config));
  // "type" sorts behind "diff_ids", all else in `text` is in canonical order already.
  CHECK(write_image_config(config).size() == text.size());
}

TEST_CASE("nulls are absent members, an empty command is one") {
  ImageConfig config = parse_image_config(
      with_config(R"({"Cmd":[],"Entrypoint":null,"Env":null,"Labels":null,"Volumes":null,"Healthcheck":null})"), "c");
  CHECK(config.config.cmd == std::vector<std::string>{});
  CHECK_FALSE(config.config.entrypoint);
  ImageConfig expected;
  expected.diff_ids = config.diff_ids;
  expected.config.cmd = std::vector<std::string>{};
  CHECK(config == expected);
  CHECK(parse_image_config(write_image_config(config), "again") == config);
  CHECK(parse_image_config("{" + kRootfs + "}", "c").config == ContainerConfig{});
}

TEST_CASE("malformed configurations are refused with the member that is wrong") {
  CHECK(refusal("{}") == "c.json: rootfs is missing: this is an artifact, not an image");
  CHECK(refusal(R"({"rootfs":{"type":"other"}})") == "c.json: rootfs.type is not \"layers\"");
  CHECK(refusal(R"({"rootfs":{"type":"layers","diff_ids":["sha256:x"]}})").find("rootfs.diff_ids") == 8);
  CHECK(refusal(with_config("[]")) == "c.json: config is not an object");
  CHECK(refusal(with_config(R"({"User":0})")) == "c.json: config.User is not a string");
  CHECK(refusal(with_config(R"({"Env":["=x"]})")) == "c.json: config.Env has an entry without a name");
  CHECK(refusal(with_config(R"({"Env":["A=\u0000"]})")) == "c.json: config.Env holds a NUL byte");
  CHECK(refusal(with_config(R"({"Labels":{"a\u0000":"b"}})")) == "c.json: config.Labels has a name with a NUL byte");
  CHECK(refusal(with_config(R"({"Cmd":"sh"})")) == "c.json: config.Cmd is not a list");
  CHECK(refusal(with_config(R"({"Healthcheck":{"Interval":-1}})")) ==
        "c.json: config.Healthcheck.Interval is negative");
  CHECK(refusal(with_config(R"({"ArgsEscaped":"yes"})")) == "c.json: config.ArgsEscaped is neither true nor false");
  CHECK(refusal(with_config(R"({"ExposedPorts":["80"]})")) == "c.json: config.ExposedPorts is not an object");
  CHECK(refusal("{" + kRootfs + R"(,"history":[1]})") == "c.json: history[0] is not an object");
  CHECK(refusal(with_config("\"\xff\"")).find("not JSON") != std::string::npos);
  std::string deep = std::string(70, '[') + std::string(70, ']');
  CHECK(refusal(with_config(R"({"X":)" + deep + "}")) == "c.json: nested deeper than 64");
  std::string ids;
  for (size_t i = 0; i <= kMaxLayers; ++i) ids += (i == 0 ? "\"sha256:" : ",\"sha256:") + std::string(64, 'c') + "\"";
  CHECK(refusal(R"({"rootfs":{"type":"layers","diff_ids":[)" + ids + "]}}") ==
        "c.json: rootfs.diff_ids has more than 500 layers");
}
