#include "libcrun/security/default_profile.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "crun/error.h"
#include "libcrun/security/default_profile_table.h"
#include "libcrun/spec/names.h"

namespace crun::security {
namespace {

using nlohmann::json;

// The facts: docker's published profile, reduced to what decides.
const json& facts() {
  static const json document = parse_json(read_path(SECCOMP_FACTS), "default.json");
  return document;
}

constexpr std::pair<const char*, unsigned> kArchBits[] = {
    {"amd64", kAmd64},     {"x32", kX32},   {"x86", kX86},     {"arm", kArm},         {"arm64", kArm64},
    {"ppc64le", kPpc64le}, {"s390", kS390}, {"s390x", kS390x}, {"riscv64", kRiscv64},
};

unsigned bits(const json& conditions) {
  unsigned result = 0;
  for (const json& name : conditions.value("arches", json::array())) {
    for (const auto& [text, bit] : kArchBits) result |= name == text ? bit : 0;
  }
  return result;
}

std::string capability(const json& conditions) {
  json caps = conditions.value("caps", json::array());
  REQUIRE(caps.size() <= 1);
  return caps.empty() ? "" : caps[0].get<std::string>();
}

std::string joined(const json& names) {
  std::string result;
  for (const json& name : names) result += (result.empty() ? "" : " ") + name.get<std::string>();
  return result;
}

TEST_CASE("the table is the facts, row by row") {
  auto rows = default_profile_rows();
  const json& expected = facts().at("syscalls");
  REQUIRE(rows.size() == expected.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(i);
    const json& fact = expected[i];
    const ProfileRow& row = rows[i];
    CHECK(row.names == joined(fact.at("names")));
    CHECK(spec::name_of(row.action) == fact.at("action").get<std::string>());
    CHECK(row.errno_ret.has_value() == fact.contains("errnoRet"));
    if (row.errno_ret) CHECK(*row.errno_ret == fact.at("errnoRet"));
    json includes = fact.value("includes", json::object());
    json excludes = fact.value("excludes", json::object());
    CHECK(row.needs == capability(includes));
    CHECK(row.unless == capability(excludes));
    CHECK(row.only_on == (includes.contains("arches") ? bits(includes) : ~0U));
    CHECK(row.not_on == bits(excludes));
    CHECK(row.least_kernel == (includes.contains("minKernel")
                                   ? parse_kernel_version(includes["minKernel"].get<std::string>())
                                   : KernelVersion{}));
    REQUIRE(row.arg.has_value() == fact.contains("args"));
    if (!row.arg) continue;
    const json& arg = fact.at("args").at(0);
    CHECK(row.arg->index == arg.at("index"));
    CHECK(row.arg->value == arg.at("value"));
    CHECK(row.arg->value_two == arg.value("valueTwo", 0));
    CHECK(spec::name_of(row.arg->op) == arg.at("op").get<std::string>());
  }
}

TEST_CASE("architectures and their companions are the facts") {
  for (const auto& [key, companions] : facts().at("archMap").items()) {
    std::string name = key;  // clang 14 does not let a lambda capture a structured binding
    CAPTURE(name);
    spec::Seccomp profile = default_seccomp(0, *spec::find_named<spec::SeccompArch>(name), {6, 1});
    std::vector<std::string> listed;
    for (spec::SeccompArch arch : profile.architectures) listed.emplace_back(spec::name_of(arch));
    std::vector<std::string> expected = {name};
    for (const json& companion : companions) expected.push_back(companion);
    CHECK(listed == expected);
  }
  CHECK_THROWS_AS(default_seccomp(0, spec::SeccompArch::parisc, {6, 1}), Error);
}

// Whether some rule allows the call whatever its arguments are.
bool allows(const spec::Seccomp& profile, std::string_view name) {
  for (const spec::SyscallRule& rule : profile.syscalls) {
    if (rule.action != spec::SeccompAction::allow || !rule.args.empty()) continue;
    for (const std::string& listed : rule.names) {
      if (listed == name) return true;
    }
  }
  return false;
}

CapabilityMask bit(std::string_view name) { return CapabilityMask{1} << *find_capability(name); }

TEST_CASE("capabilities, kernel and architecture decide") {
  using spec::SeccompArch;
  auto profile = [](CapabilityMask caps, SeccompArch arch = SeccompArch::x86_64, KernelVersion kernel = {6, 1}) {
    return default_seccomp(caps, arch, kernel);
  };
  CHECK(profile(0).default_action == spec::SeccompAction::error_number);
  CHECK(profile(0).default_errno_ret == 1);
  CHECK(allows(profile(0), "read"));
  CHECK_FALSE(allows(profile(0), "mount"));
  CHECK(allows(profile(bit("CAP_SYS_ADMIN")), "mount"));
  CHECK(allows(profile(bit("CAP_SYS_ADMIN")), "clone3"));
  CHECK_FALSE(allows(profile(0), "clone3"));
  CHECK_FALSE(allows(profile(0), "keyctl"));
  CHECK_FALSE(allows(profile(bit("CAP_SYS_ADMIN")), "reboot"));
  CHECK(allows(profile(0), "ptrace"));
  CHECK_FALSE(allows(profile(0, SeccompArch::x86_64, {4, 7}), "ptrace"));
  CHECK(allows(profile(bit("CAP_SYS_PTRACE"), SeccompArch::x86_64, {4, 7}), "ptrace"));
  CHECK(allows(profile(0), "arch_prctl"));
  CHECK_FALSE(allows(profile(0, SeccompArch::aarch64), "arch_prctl"));
}

TEST_CASE("a kernel's release") {
  CHECK(parse_kernel_version("6.1.0-18-amd64") == KernelVersion{6, 1});
  CHECK(parse_kernel_version("5.10") == KernelVersion{5, 10});
  CHECK(KernelVersion{4, 18} > KernelVersion{4, 8});
  CHECK_THROWS_AS(parse_kernel_version("linux"), Error);
  CHECK_THROWS_AS(parse_kernel_version("6"), Error);
  CHECK(host_kernel() > KernelVersion{4, 0});
}

}  // namespace
}  // namespace crun::security
