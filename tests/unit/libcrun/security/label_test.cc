#include "libcrun/security/label.h"

#include <doctest/doctest.h>

#include "crun/error.h"

namespace crun::security {
namespace {

TEST_CASE("no label asked for, none given") {
  CHECK_FALSE(apparmor_label("").has_value());
  CHECK_FALSE(selinux_label("").has_value());
}

TEST_CASE("a label that this kernel cannot give is refused by name") {
  if (!apparmor_enabled()) {
    CHECK_FALSE(apparmor_label("unconfined").has_value());
    CHECK_THROWS_WITH_AS(
        apparmor_label("docker-default"),
        "process.apparmorProfile: 'docker-default' is asked for, and AppArmor is not enabled in this kernel", Error);
  } else {
    CHECK(apparmor_label("unconfined")->value == "exec unconfined");
    CHECK(apparmor_label("unconfined")->files[0] == "attr/apparmor/exec");
  }
  if (!selinux_enabled()) CHECK_THROWS_AS(selinux_label("a:b:c:s0"), Error);
}

}  // namespace
}  // namespace crun::security
