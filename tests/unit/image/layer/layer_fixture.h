// A folder to unpack into, with a secret beside it that no archive may reach, and how to look at what came out.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/dir.h"
#include "base/file.h"
#include "crun/error.h"
#include "image/layer/diff.h"
#include "image/layer/digest.h"
#include "image/layer/record.h"
#include "image/layer/tar_reader.h"
#include "image/layer/unpack.h"
#include "tests/unit/image/layer/tar_builder.h"

namespace crun::layer {

class LayerFixture {
 public:
  LayerFixture() {
    char name[] = "/tmp/layer-test.XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
    outer_ = Dir::open(path_);
    outer_.replace_file("secret", "secret", 0600, false);
    root_ = folder("root");
  }
  ~LayerFixture() {
    std::string parent = path_.substr(0, path_.rfind('/'));
    Dir::open(parent).remove_tree(path_.substr(parent.size() + 1));
  }

  Dir folder(const char* name) {
    REQUIRE(mkdirat(outer_.fd(), name, 0700) == 0);
    return outer_.open_dir(name);
  }
  const Dir& root() const { return root_; }
  const Dir& outer() const { return outer_; }
  const std::string& path() const { return path_; }

  UnpackResult unpack(const std::string& tar, UnpackOptions options = {}, size_t piece = 4096) {
    TextSource source(tar, piece);
    return unpack_layer(source, root_, options);
  }

  // Unpacks and gives the error's text; checks that nothing beside the folder changed.
  std::string refusal(const std::string& tar, UnpackOptions options = {}) {
    std::string text;
    try {
      unpack(tar, std::move(options));
    } catch (const Error& error) {
      text = error.text();
      CHECK(error.kind() == ErrorKind::invalid);
    }
    check_outside();
    return text;
  }

  void check_outside() {
    std::vector<std::string> names = outer_.list();
    std::sort(names.begin(), names.end());
    CHECK(names == std::vector<std::string>{"root", "secret"});
    CHECK(outer_.read_file("secret", 100) == "secret");
  }

  // One line a file, sorted: "path kind mode [content, target or device]".
  std::string listing() const { return listing_of(root_, ""); }

 private:
  static std::string listing_of(const Dir& dir, const std::string& prefix) {
    std::vector<std::string> names = dir.list();
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) {
      struct stat status = *dir.find_stat(name);
      std::string line = prefix + name;
      unsigned mode = status.st_mode & 07777;
      if (S_ISDIR(status.st_mode)) {
        Dir inside = dir.open_dir(name);
        char opaque = 0;
        bool marked = fgetxattr(inside.fd(), "user.overlay.opaque", &opaque, 1) == 1 && opaque == 'y';
        text += fmt::format("{}/ {:o}{}\n", line, mode, marked ? " opaque" : "");
        text += listing_of(inside, line + "/");
      } else if (S_ISREG(status.st_mode)) {
        text += fmt::format("{} {:o} {}\n", line, mode, dir.read_file(name, 1 << 20));
      } else if (S_ISLNK(status.st_mode)) {
        char target[4096];
        ssize_t size = readlinkat(dir.fd(), name.c_str(), target, sizeof target);
        text += fmt::format("{} -> {}\n", line, std::string_view(target, static_cast<size_t>(size)));
      } else if (S_ISCHR(status.st_mode) && status.st_rdev == 0) {
        text += fmt::format("{} whiteout\n", line);
      } else {
        text += fmt::format("{} node {:o} {}:{}\n", line, status.st_mode, major(status.st_rdev), minor(status.st_rdev));
      }
    }
    return text;
  }

  std::string path_;
  Dir outer_;
  Dir root_;
};

}  // namespace crun::layer
