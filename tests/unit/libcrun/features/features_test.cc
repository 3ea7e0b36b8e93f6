#include "crun/features.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "crun/error.h"
#include "libcrun/spec/default_spec.h"
#include "libcrun/spec/names.h"
#include "libcrun/spec/validate.h"

namespace crun {
namespace {

using nlohmann::json;

json document() { return parse_json(features_document(), "features"); }

bool lists(const json& list, std::string_view name) { return std::find(list.begin(), list.end(), name) != list.end(); }

TEST_CASE("the document has what the schema requires") {
  json features = document();
  CHECK(features.at("ociVersionMin") == "1.0.0");
  CHECK(features.at("ociVersionMax") == "1.3.0");
  CHECK(features.at("hooks").size() == 6);
  CHECK(lists(features.at("mountOptions"), "rbind"));
  CHECK(features.at("linux").at("seccomp").at("enabled") == true);
  CHECK(lists(features.at("linux").at("capabilities"), "CAP_CHECKPOINT_RESTORE"));
}

TEST_CASE("what has a switch of its own is what validate() takes") {
  const json features = document().at("linux");
  CHECK(features.at("mountExtensions").at("idmap").at("enabled") == true);
  CHECK(features.at("netDevices").at("enabled") == true);
  for (const char* part : {"enabled", "schemata", "monitoring"}) CHECK(features.at("intelRdt").at(part) == true);
  spec::Spec spec = spec::default_spec();
  spec.mounts.push_back({"/x", "bind", "/", {"bind", "idmap"}, {{0, 1, 1}}, {{0, 1, 1}}});
  spec.linux.net_devices = {{"eth0", {}}};
  spec.linux.intel_rdt = spec::IntelRdt{"/", {"L3:0=f"}, "", "", true};
  CHECK_NOTHROW(spec::validate(spec));
}

// Both ways: what is listed is accepted, what is accepted is listed.
TEST_CASE("what it lists is what validate() takes") {
  json listed = document().at("linux").at("namespaces");
  for (const auto& entry : spec::Names<spec::NamespaceType>::kTable) {
    CAPTURE(entry.text);
    spec::Spec spec = spec::default_spec();
    spec.hostname.clear();
    spec.linux.namespaces = {{spec::NamespaceType::mount, ""}};
    if (entry.value != spec::NamespaceType::mount) spec.linux.namespaces.push_back({entry.value, ""});
    if (entry.value == spec::NamespaceType::user) {
      spec.linux.uid_mappings = spec.linux.gid_mappings = {{0, 100000, 65536}};
    }
    if (lists(listed, entry.text)) {
      CHECK_NOTHROW(spec::validate(spec));
    } else {
      CHECK_THROWS_AS(spec::validate(spec), Error);
    }
  }
  json actions = document().at("linux").at("seccomp").at("actions");
  for (const auto& entry : spec::Names<spec::SeccompAction>::kTable) {
    CAPTURE(entry.text);
    spec::Spec spec = spec::default_spec();
    spec.linux.seccomp.emplace().syscalls = {{{"read"}, entry.value, {}, {}}};
    spec.linux.seccomp->listener_path = "/run/listener";
    if (lists(actions, entry.text)) {
      CHECK_NOTHROW(spec::validate(spec));
    } else {
      CHECK_THROWS_AS(spec::validate(spec), Error);
    }
  }
}

}  // namespace
}  // namespace crun
