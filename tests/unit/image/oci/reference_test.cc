#include "image/oci/reference.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using crun::Error;
using crun::image::Digest;
using crun::image::find_id_prefix;
using crun::image::Reference;

namespace {
const std::string kDigest = "sha256:" + std::string(64, 'a');
}

TEST_CASE("short names mean docker's registry, and are shown short again") {
  struct Case {
    const char* text;
    const char* canonical;
    const char* familiar;
  };
  const Case cases[] = {
      {"nginx", "docker.io/library/nginx:latest", "nginx:latest"},
      {"nginx:1.25-alpine", "docker.io/library/nginx:1.25-alpine", "nginx:1.25-alpine"},
      {"docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"},
      {"index.docker.io/library/nginx", "docker.io/library/nginx:latest", "nginx:latest"},
      {"team/web", "docker.io/team/web:latest", "team/web:latest"},
      {"docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"},
      {"localhost/web", "localhost/web:latest", "localhost/web:latest"},
      {"localhost:5000/web:2", "localhost:5000/web:2", "localhost:5000/web:2"},
      {"localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"},
      {"Registry/web", "Registry/web:latest", "Registry/web:latest"},
      {"registry.example/a/b/c", "registry.example/a/b/c:latest", "registry.example/a/b/c:latest"},
      {"[2001:db8::1]:5000/web", "[2001:db8::1]:5000/web:latest", "[2001:db8::1]:5000/web:latest"},
      {"a__b/c---d/e.f_g", "docker.io/a__b/c---d/e.f_g:latest", "a__b/c---d/e.f_g:latest"},
      {"web:_T.a-G", "docker.io/library/web:_T.a-G", "web:_T.a-G"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    Reference name = Reference::parse(one.text).with_default_tag();
    CHECK(name.canonical() == one.canonical);
    CHECK(name.familiar() == one.familiar);
    CHECK(Reference::parse(name.canonical()) == name);
    CHECK(Reference::parse(name.familiar()) == name);
  }
}

TEST_CASE("a digest stands beside a tag or instead of one") {
  Reference both = Reference::parse("web:1@" + kDigest);
  CHECK(both.tag == "1");
  CHECK(both.digest->text() == kDigest);
  CHECK(both.canonical() == "docker.io/library/web:1@" + kDigest);
  CHECK(Reference::parse("web@" + kDigest).with_default_tag().tag.empty());
}

TEST_CASE("what is no reference is refused, with the part that is wrong") {
  const std::string long_name(256, 'a');
  const std::string cases[][2] = {
      {"", "empty"},
      {":tag", "no name"},
      {"web:", "tag"},
      {"web:-x", "tag"},
      {"web:" + std::string(129, 'x'), "tag"},
      {"web:a b", "tag"},
      {"Web", "lower case"},
      {"a//b", "letters and digits"},
      {"/a", "letters and digits"},
      {"a/", "letters and digits"},
      {"a..b", "letters and digits"},
      {"a___b", "letters and digits"},
      {"-a", "letters and digits"},
      {"a.", "letters and digits"},
      {"../etc/passwd", "registry"},
      {"a/../b", "letters and digits"},
      {"web@sha256:abc", "digest"},
      {"web@" + kDigest + "0", "digest"},
      {"web@sha256:" + std::string(64, 'A'), "digest"},
      {"-host.x/web", "registry"},
      {"host.x:/web", "registry"},
      {"host.x:12a/web", "registry"},
      {"[::1/web", "registry"},
      {std::string("a\0b", 3), "letters and digits"},
      {"a\nb", "letters and digits"},
      {long_name, "255"},
      {std::string(64, 'a'), "id"},
  };
  for (const auto& one : cases) {
    CAPTURE(one[0]);
    CHECK_FALSE(Reference::find(one[0]));
    try {
      Reference::parse(one[0]);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.kind() == crun::ErrorKind::invalid);
      CHECK(error.text().find(one[1]) != std::string::npos);
      CHECK(error.text().find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("an id may be shortened to four digits") {
  CHECK(find_id_prefix("abcd") == "abcd");
  CHECK(find_id_prefix("sha256:0123456789") == "0123456789");
  CHECK_FALSE(find_id_prefix("abc"));
  CHECK_FALSE(find_id_prefix("abcg"));
  CHECK_FALSE(find_id_prefix("ABCD"));
  CHECK_FALSE(find_id_prefix(std::string(65, 'a')));
}

TEST_CASE("a digest is checked before it can become part of a path") {
  CHECK(Digest::parse(kDigest).algorithm() == "sha256");
  CHECK(Digest::parse(kDigest).short_hex() == std::string(12, 'a'));
  CHECK(Digest::parse("sha512:" + std::string(128, '0')).hex().size() == 128);
  for (const std::string& text :
       {std::string(), std::string("sha256"), std::string("sha256:"), "sha256:" + std::string(63, 'a'),
        "sha256:../" + std::string(61, 'a'), "sha256:" + std::string(63, 'a') + "/", "SHA256:" + std::string(64, 'a'),
        "sha256:" + std::string(64, 'F'), "sha512:" + std::string(64, 'a'), std::string(64, 'a'),
        "../sha256:" + std::string(64, 'a'), kDigest + "\n", std::string("sha256:") + std::string(64, '\0')}) {
    CAPTURE(text);
    CHECK_FALSE(Digest::find(text));
    CHECK_THROWS_AS(Digest::parse(text), Error);
  }
  CHECK_THROWS_WITH(Digest::parse("md5:" + std::string(32, 'a')),
                    ("digest 'md5:" + std::string(32, 'a') + "': only sha256 and sha512 are known").c_str());
}
