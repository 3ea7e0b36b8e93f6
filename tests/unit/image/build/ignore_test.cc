#include "image/build/ignore.h"

#include <doctest/doctest.h>

#include "crun/error.h"

using namespace crun;
using namespace crun::build;

namespace {

bool ignored(std::string_view rules, std::string_view path) {
  return IgnoreRules::parse(rules, ".dockerignore").ignores(path);
}

bool malformed(std::string_view pattern) {
  try {
    Pattern::path(pattern);
  } catch (const Error& error) {
    return error.kind() == ErrorKind::invalid;
  }
  return false;
}

}  // namespace

TEST_CASE("path patterns are Go's filepath.Match") {
  struct {
    const char* pattern;
    const char* path;
    bool matches;
  } cases[] = {
      {"abc", "abc", true},
      {"*", "abc", true},
      {"*c", "abc", true},
      {"a*", "a", true},
      {"a*", "ab/c", false},
      {"a*/b", "abc/b", true},
      {"a*/b", "a/c/b", false},
      {"a*b?c*x", "abxbbxdbxebxczzx", true},
      {"a*b?c*x", "abxbbxdbxebxczzy", false},
      {"ab[c]", "abc", true},
      {"ab[b-d]", "abc", true},
      {"ab[e-g]", "abc", false},
      {"ab[^c]", "abc", false},
      {"ab[^e-g]", "abc", true},
      {"a\\*b", "a*b", true},
      {"a\\*b", "ab", false},
      {"a?b", "a\u263Ab", true},
      {"a[^a]b", "a\u263Ab", true},
      {"a???b", "a\u263Ab", false},
      {"[a-\u03B6]*", "\u03B1", true},
      {"*[a-\u03B6]", "A", false},
      {"a?b", "a/b", false},
      {"a*b", "a/b", false},
      {"[\\]a]", "]", true},
      {"[x\\-]", "-", true},
      {"[\\-x]", "a", false},
      {"*x", "xxx", true},
      {"", "", true},
      {"", "a", false},
      {"**", "a/b", false},
      {"**", "ab", true},
  };
  for (const auto& one : cases) {
    CAPTURE(one.pattern);
    CAPTURE(one.path);
    CHECK(Pattern::path(one.pattern).matches(one.path) == one.matches);
  }
  for (const char* bad : {"[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a["}) {
    CAPTURE(bad);
    CHECK(malformed(bad));
  }
}

TEST_CASE("a pattern with many stars takes no exponential time") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(Pattern::path(pattern + "b").matches(std::string(3000, 'a')));
  std::string folders;
  for (int i = 0; i < 200; ++i) folders += "**/x";
  CHECK_FALSE(Pattern::ignore("q" + folders + "*").matches("q" + std::string(3000, '/')));
}

TEST_CASE(".dockerignore patterns match as docker's do") {
  struct {
    const char* pattern;
    const char* path;
    bool ignored;
  } cases[] = {
      {"**", "file", true},
      {"**/", "file", true},
      {"**", "dir/file", true},
      {"**/**", "dir/file", true},
      {"dir/**", "dir/file", true},
      {"dir/**", "dir/dir2/file", true},
      {"dir/**", "dir", false},
      {"**/dir", "dir", true},
      {"**/dir", "dir/file", true},
      {"**/dir2/*", "dir/dir2/file", true},
      {"**/dir2/**", "dir/dir2/dir3/file", true},
      {"**file", "file", true},
      {"**file", "dir/file", true},
      {"**file", "dir/afile", true},
      {"**file*", "dir/afile", false},
      {"**/file", "dir/dir/file", true},
      {"**/file", "afile", false},
      {"**/file*", "dir/dir/file.txt", true},
      {"**/**/*.txt", "dir/dir/file.txt", true},
      {"**/**/*.txt", "file.txt", true},
      {"**/**/*.txt2", "dir/dir/file.txt", false},
      {"a**/*.txt", "a/dir/dir/file.txt", true},
      {"a**", "abc/def", true},
      {"a/*.txt", "a/dir/file.txt", false},
      {"a/*.txt", "a/file.txt", true},
      {"a/*.txt**", "a/file.txt", true},
      {"a[b-d]e", "ace", true},
      {"a[^b-d]e", "aze", true},
      {".*", ".foo", true},
      {".*", "foo", false},
      {"abc.def", "abcZdef", false},
      {"abc?def", "abcZdef", true},
      {"**/foo/bar", "dir/dir2/foo/bar", true},
      {"**/foo/bar", "foo/bar", true},
      {"**/.foo", "bar.foo", false},
      {"a(b)c/def", "a(b)c/def", true},
      {"a.|)$(}+{bc", "a.|)$(}+{bc", true},
      {"dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true},
      {"a\\*b", "a*b", true},
      {"a\\\\", "a\\", true},
      {"*", "dir/file", true},
      {"dir", "dir/below/it", true},
      {"docs/", "docs/a", true},
      {"/docs", "docs/a", true},
      {"./docs//x/../y", "docs/y", true},
      {"../docs", "docs", false},
      {"  spaces  ", "spaces", true},
      {"#x", "#x", false},
      {" #x", "#x", true},
  };
  for (const auto& one : cases) {
    CAPTURE(one.pattern);
    CAPTURE(one.path);
    CHECK(ignored(one.pattern, one.path) == one.ignored);
  }
}

TEST_CASE("exceptions, in order") {
  CHECK_FALSE(ignored("docs\n!docs/README.md\n", "docs/README.md"));
  CHECK(ignored("docs\n!docs/README.md\n", "docs/other"));
  CHECK(ignored("!docs/README.md\ndocs", "docs/README.md"));
  CHECK_FALSE(ignored("docs/*\n!docs/README.md", "docs/README.md"));
  CHECK_FALSE(ignored("**\n!util/docker/web", "util/docker/web/foo"));
  CHECK(ignored("**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo"));
  CHECK_FALSE(ignored("*\n! keep \n", "keep"));
  CHECK_FALSE(ignored("*.md\n!README*.md\nREADME-secret.md", "README.md"));
  CHECK(ignored("*.md\n!README*.md\nREADME-secret.md", "README-secret.md"));
  CHECK_FALSE(ignored("*.md\nREADME-secret.md\n!README*.md", "README-secret.md"));
  CHECK(IgnoreRules::parse("a\n!b", "x").has_exceptions());
  CHECK_FALSE(IgnoreRules::parse("a\nb", "x").has_exceptions());
}

TEST_CASE("a bad line is named") {
  for (const auto& [text, expected] : {std::pair{"a\n[\n", "x:2: malformed pattern '[': a '[' that is not closed"},
                                       std::pair{"!\n", "x:1: '!' without a pattern"}}) {
    try {
      IgnoreRules::parse(text, "x");
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.text() == expected);
    }
  }
  CHECK(IgnoreRules::parse("\xEF\xBB\xBF"
                           "a\r\n\r\n# b\r\n",
                           "x")
            .ignores("a"));
  CHECK(IgnoreRules::parse("", "x").empty());
}

TEST_CASE("clean_path") {
  struct {
    const char* path;
    const char* clean;
  } cases[] = {{"", "."},        {".", "."},      {"/", "/"},        {"a//b/./c/..", "a/b"},
               {"../a", "../a"}, {"/../a", "/a"}, {"a/../..", ".."}, {"a/", "a"}};
  for (const auto& one : cases) {
    CAPTURE(one.path);
    CHECK(clean_path(one.path) == one.clean);
  }
}
