// Sources, copies, owners and remembered digests, on a folder of the test's own.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "base/pipe.h"
#include "crun/error.h"
#include "image/build/accounts.h"
#include "image/build/copy.h"
#include "image/build/digest_index.h"
#include "image/build/physical_path.h"
#include "image/build/source_tree.h"
#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::build;

namespace {

struct Tree {
  testing::Scratch scratch;
  Dir top = Dir::open(scratch.path());
  Dir in = top.make_dirs("in", 0755);
  Dir out = top.make_dirs("out", 0755);

  void file(const Dir& dir, const std::string& path, std::string_view content = "x", mode_t mode = 0644) const {
    size_t slash = path.rfind('/');
    if (slash != std::string::npos) (void)dir.make_dirs(path.substr(0, slash), 0755);
    Fd fd = dir.open_at(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write_all(fd.get(), content, path);
    fchmod(fd.get(), mode);
  }
  void link(const Dir& dir, const char* target, const char* path) const {
    REQUIRE(symlinkat(target, dir.fd(), path) == 0);
  }
  SourceTree tree(std::string_view ignore = "") const {
    return SourceTree(in.duplicate(), IgnoreRules::parse(ignore, ".dockerignore"), "the build context");
  }
  std::string read(const std::string& path) const { return out.read_file(path, 1000, Resolve::no_symlinks); }
};

std::string names(const std::vector<SourceMatch>& matches) {
  std::string result;
  for (const SourceMatch& match : matches)
    result += (result.empty() ? "" : " ") + match.path + (match.folder ? "/" : "");
  return result;
}

std::string walked(const SourceTree& tree, const std::string& word) {
  std::string result;
  for (const SourceMatch& match : tree.find(word)) {
    tree.walk(match, [&result](const SourceEntry& entry) { result += (result.empty() ? "" : " ") + entry.path; });
  }
  return result;
}

template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.text();
  }
  return "no error";
}

void copy(const Tree& t, const SourceTree& tree, const std::string& word, const std::string& destination,
          CopyOptions options = {}) {
  Copier copier(t.out, tree, options);
  for (const SourceMatch& match : tree.find(word)) copier.copy(match, destination);
}

}  // namespace

TEST_CASE("a path is followed as chroot would") {
  Tree t;
  t.file(t.in, "a/b/f");
  t.link(t.in, "/a/b", "absolute");
  t.link(t.in, "../../../a", "up");
  t.link(t.in, "loop", "loop");
  t.link(t.in, "missing/x", "dangling");
  CHECK(physical_path(t.in, "/absolute/../../up/b/./f").path == "a/b/f");
  CHECK(physical_path(t.in, "absolute/f").exists);
  CHECK(physical_path(t.in, "/../..").path == "");
  CHECK(physical_path(t.in, "dangling/y/../z").path == "missing/x/z");
  CHECK_FALSE(physical_path(t.in, "dangling").exists);
  CHECK_THROWS_AS(physical_path(t.in, "loop"), SysError);
  CHECK_THROWS_AS(physical_path(t.in, "a/b/f/g"), SysError);
}

TEST_CASE("sources: words, wildcards, links, what is hidden") {
  Tree t;
  t.file(t.in, "one.txt");
  t.file(t.in, "two.txt");
  t.file(t.in, "dir/three.txt");
  t.file(t.in, "secret/key");
  t.file(t.in, "[odd]");
  t.link(t.in, "dir", "to-dir");
  t.link(t.in, "secret/key", "to-secret");
  t.link(t.in, "/etc/passwd", "out");
  SourceTree tree = t.tree("secret\n");
  CHECK(names(tree.find("*.txt")) == "one.txt two.txt");
  CHECK(names(tree.find("d*/th*")) == "dir/three.txt");
  CHECK(names(tree.find("/dir/")) == "dir/");
  CHECK(names(tree.find("../../one.txt")) == "one.txt");
  CHECK(names(tree.find("to-dir")) == "dir/");
  CHECK(tree.find("to-dir/three.txt")[0].name == "three.txt");
  CHECK(names(tree.find("\\[odd\\]")) == "[odd]");
  CHECK(names(tree.find("[[]odd]")) == "[odd]");
  CHECK(names(tree.find(".")) == "/");
  CHECK(error_of([&] { tree.find("one.txd"); }) == "'one.txd' is not in the build context (did you mean one.txt?)");
  CHECK(error_of([&] { tree.find("secret/key"); }) ==
        "'secret/key' is not in the build context: .dockerignore hides it");
  CHECK(error_of([&] { tree.find("to-secret"); }) != "no error");
  CHECK(error_of([&] { tree.find("out"); }) != "no error");
  CHECK(error_of([&] { tree.find("*.nothing"); }) == "'*.nothing' is not in the build context");
  CHECK(error_of([&] { tree.find("["); }).find("malformed pattern") == 0);
  CHECK(error_of([&] { tree.find("one.txt/below"); }) != "no error");
}

TEST_CASE("a walk is sorted, and tells of an ignored folder only what is kept in it") {
  Tree t;
  t.file(t.in, "b");
  t.file(t.in, "a/z");
  t.file(t.in, "a/y/x");
  t.file(t.in, "docs/a.txt");
  t.file(t.in, "docs/deep/keep.md");
  t.file(t.in, "empty-after/x");
  CHECK(walked(t.tree(), ".") ==
        "a a/y a/y/x a/z b docs docs/a.txt docs/deep docs/deep/keep.md empty-after empty-after/x");
  CHECK(walked(t.tree("docs\n!docs/deep/keep.md\nempty-after\n"), ".") ==
        "a a/y a/y/x a/z b docs docs/deep docs/deep/keep.md");
  CHECK(walked(t.tree("**/x\n"), "a") == "y z");
  CHECK(walked(t.tree("docs\n!docs/deep\n"), "docs") == "deep deep/keep.md");
}

TEST_CASE("files go where docker puts them") {
  Tree t;
  t.file(t.in, "f", "content", 0640);
  t.file(t.in, "d/g", "g");
  t.link(t.in, "g", "d/l");
  t.file(t.in, "d/e/h", "h", 04755);
  SourceTree tree = t.tree();
  copy(t, tree, "f", "/new/name");
  CHECK(t.read("new/name") == "content");
  CHECK((t.out.open_dir("new").find_stat("name")->st_mode & 07777) == 0640);
  copy(t, tree, "f", "/folder/");
  CHECK(t.read("folder/f") == "content");
  copy(t, tree, "f", "/folder");
  CHECK(t.read("folder/f") == "content");
  copy(t, tree, "d", "/tree");
  CHECK(t.read("tree/g") == "g");
  CHECK(t.read("tree/e/h") == "h");
  CHECK((t.out.open_dir("tree/e").find_stat("h")->st_mode & 07777) == 04755);
  CHECK(S_ISLNK(t.out.open_dir("tree").find_stat("l")->st_mode));
  copy(t, tree, "d", "/tree");  // a second time replaces
  CHECK(t.read("tree/g") == "g");
  copy(t, tree, "*", "/all/");
  CHECK(t.read("all/f") == "content");
  CHECK(t.read("all/g") == "g");
}

TEST_CASE("modes, times and hard links are kept") {
  Tree t;
  t.file(t.in, "d/a", "a");
  REQUIRE(linkat(t.in.fd(), "d/a", t.in.fd(), "d/b", 0) == 0);
  REQUIRE(mkfifoat(t.in.fd(), "d/p", 0600) == 0);
  struct timespec times[2] = {{1000, 5}, {2000, 7}};
  REQUIRE(utimensat(t.in.fd(), "d/a", times, 0) == 0);
  (void)t.in.make_dirs("d/sub", 0711);
  REQUIRE(utimensat(t.in.fd(), "d/sub", times, 0) == 0);
  t.file(t.in, "d/sub/x");
  REQUIRE(utimensat(t.in.fd(), "d/sub", times, 0) == 0);
  bool xattrs = setxattr((t.scratch.path() + "/in/d/a").c_str(), "user.name", "v", 1, 0) == 0;
  copy(t, t.tree(), "d", "/");
  struct stat a = *t.out.find_stat("a");
  CHECK(a.st_mtim.tv_sec == 2000);
  CHECK(a.st_mtim.tv_nsec == 7);
  CHECK(a.st_ino == t.out.find_stat("b")->st_ino);
  CHECK(S_ISFIFO(t.out.find_stat("p")->st_mode));
  CHECK(t.out.find_stat("sub")->st_mtim.tv_sec == 2000);
  CHECK((t.out.find_stat("sub")->st_mode & 07777) == 0711);
  char value[8];
  if (xattrs) CHECK(getxattr((t.scratch.path() + "/out/a").c_str(), "user.name", value, sizeof value) == 1);
  copy(t, t.tree(), "d", "/chmod", CopyOptions{std::nullopt, 0600});
  CHECK((t.out.open_dir("chmod").find_stat("a")->st_mode & 07777) == 0600);
}

TEST_CASE("a destination's links are followed within the root, and nothing is followed below it") {
  Tree t;
  t.file(t.in, "f", "new");
  t.file(t.in, "d/e/g", "new");
  t.file(t.top, "host", "host's");
  t.link(t.out, "/real", "absolute");
  t.link(t.out, "../../host", "escape");
  t.link(t.out, "/../../host", "escape2");
  copy(t, t.tree(), "f", "/absolute/y");
  CHECK(t.read("real/y") == "new");
  copy(t, t.tree(), "f", "/escape");
  copy(t, t.tree(), "f", "/escape2");
  CHECK(t.read("host") == "new");
  CHECK(t.top.read_file("host", 100) == "host's");
  (void)t.out.make_dirs("tree", 0755);
  t.link(t.out, "/real", "tree/e");
  CHECK(error_of([&] { copy(t, t.tree(), "d", "/tree"); }) == "the folder e would replace a file of the stage");
  CHECK_FALSE(t.out.open_dir("real").find_stat("g"));
  (void)t.out.make_dirs("tree2/e/g", 0755);
  CHECK(error_of([&] { copy(t, t.tree(), "d", "/tree2"); }) == "d/e/g would replace a folder of the stage");
  CHECK(error_of([&] { copy(t, t.tree(), "d", "/real/y"); }) == "the destination /real/y is a file, not a folder");
}

TEST_CASE("owners are looked up in the root") {
  Tree t;
  t.file(t.out, "etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:\nbig:x:4294967296:1::/:\nbroken:x\n");
  t.file(t.out, "etc/group", "www:x:33:\n");
  auto owner = [&t](const char* text) {
    Owner result = parse_owner(text, t.out);
    return std::to_string(result.user) + ":" + std::to_string(result.group);
  };
  CHECK(owner("app") == "1000:1001");
  CHECK(owner("app:www") == "1000:33");
  CHECK(owner("app:7") == "1000:7");
  CHECK(owner("55") == "55:55");
  CHECK(owner("55:www") == "55:33");
  CHECK(owner(":www") == "0:33");
  CHECK(owner("2147483647") == "2147483647:2147483647");
  for (const char* bad :
       {"nobody", "app:nothing", "big", "broken", "2147483648", "4294967296", "-1", ":", "a:b:c", "+1", " 1"}) {
    CAPTURE(bad);
    CHECK(error_of([&] { parse_owner(bad, t.out); }).find("--chown=") == 0);
  }
  CHECK(error_of([&] { parse_owner("app", t.in); }).find("is not in the stage's /etc/passwd") != std::string::npos);
  // A fifo must not hang it, a link must not lead out.
  Tree hostile;
  (void)hostile.out.make_dirs("etc", 0755);
  REQUIRE(mkfifoat(hostile.out.fd(), "etc/passwd", 0600) == 0);
  CHECK(error_of([&] { parse_owner("app", hostile.out); }).find("not a regular file") != std::string::npos);
}

TEST_CASE("digests are remembered where a file's times have settled") {
  Tree t;
  t.file(t.in, "old", "a");
  t.file(t.in, "other", "b");
  usleep(60'000);
  auto digest = [&t](DigestIndex& index, const char* name) {
    Fd fd = t.in.open_at(name, O_RDONLY);
    struct stat status {};
    fstat(fd.get(), &status);
    std::optional<Sha256Bytes> known = index.find(status);
    return known ? *known : index.read(fd.get(), status, name);
  };
  Sha256Bytes a;
  {
    DigestIndex index(t.out.duplicate(), "index");
    a = digest(index, "old");
    CHECK(digest(index, "other") != a);
    CHECK(index.files_read() == 2);
    index.save();
  }
  {
    DigestIndex index(t.out.duplicate(), "index");
    CHECK(digest(index, "old") == a);
    CHECK(index.files_read() == 0);
    // Same size and time of modification, another content: the time of change tells.
    struct stat before = *t.in.find_stat("old");
    t.file(t.in, "old", "c");
    struct timespec times[2] = {before.st_atim, before.st_mtim};
    utimensat(t.in.fd(), "old", times, 0);
    CHECK(digest(index, "old") != a);
    CHECK(index.files_read() == 1);
    index.save();
  }
  {
    // It was hashed within its clock's granularity, so it was not remembered.
    DigestIndex index(t.out.duplicate(), "index");
    digest(index, "old");
    CHECK(index.files_read() == 1);
    digest(index, "other");
    CHECK(index.files_read() == 1);
  }
  t.file(t.out, "index", "damaged");
  DigestIndex damaged(t.out.duplicate(), "index");
  digest(damaged, "other");
  CHECK(damaged.files_read() == 1);
}

TEST_CASE("a walk ends when the build is asked to") {
  Tree t;
  for (int i = 0; i < 200; ++i) t.file(t.in, "f" + std::to_string(i));
  Pipe pipe = Pipe::make();
  SourceTree tree(t.in.duplicate(), IgnoreRules(), "the build context", pipe.read_end.get());
  size_t seen = 0;
  tree.walk(tree.find(".")[0], [&seen](const SourceEntry&) { ++seen; });
  CHECK(seen == 201);
  write_all(pipe.write_end.get(), "x", "pipe");
  seen = 0;
  CHECK(error_of([&] { tree.walk(tree.find(".")[0], [&seen](const SourceEntry&) { ++seen; }); }) ==
        "the build was stopped");
  CHECK(seen < 100);
}
