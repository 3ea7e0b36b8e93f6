#include "libcrun/rootfs/mount_options.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "crun/error.h"

using namespace crun;
using namespace crun::rootfs;

TEST_CASE("the options of the usual mounts") {
  MountOptions tmpfs = parse_mount_options({"nosuid", "strictatime", "mode=755", "size=65536k"});
  CHECK(tmpfs.top == Attributes{MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME});
  CHECK(tmpfs.parameters == std::vector<Parameter>{{"mode", "755", false, {}}, {"size", "65536k", false, {}}});
  CHECK_FALSE(tmpfs.bind);

  MountOptions devpts = parse_mount_options({"nosuid", "noexec", "newinstance", "ptmxmode=0666"});
  CHECK(devpts.top.set == (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
  CHECK(devpts.parameters[0] == Parameter{"newinstance", "", true, {}});
}

TEST_CASE("bind mounts") {
  MountOptions bind = parse_mount_options({"bind", "ro", "rprivate"});
  CHECK(bind.bind);
  CHECK_FALSE(bind.recursive_bind);
  CHECK(bind.top == Attributes{MOUNT_ATTR_RDONLY, 0});
  CHECK(bind.propagation == std::vector<Propagation>{{MS_PRIVATE, true}});

  MountOptions recursive = parse_mount_options({"rbind", "rro"});
  CHECK(recursive.bind);
  CHECK(recursive.recursive_bind);
  CHECK(recursive.top.empty());
  CHECK(recursive.recursive == Attributes{MOUNT_ATTR_RDONLY, 0});
}

TEST_CASE("a later option wins over an earlier one") {
  CHECK(parse_mount_options({"ro", "rw"}).top == Attributes{0, MOUNT_ATTR_RDONLY});
  CHECK(parse_mount_options({"rw", "ro"}).top == Attributes{MOUNT_ATTR_RDONLY, 0});
  // The access time is one field: setting it anew leaves nothing of the older value.
  CHECK(parse_mount_options({"strictatime", "noatime"}).top == Attributes{MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME});
  CHECK(parse_mount_options({"noatime", "relatime"}).top == Attributes{0, MOUNT_ATTR__ATIME});
}

TEST_CASE("what cannot be done is refused by name") {
  CHECK_THROWS_WITH_AS(parse_mount_options({"src-nofollow"}), "mount option 'src-nofollow' is not supported", Error);
  CHECK_THROWS_WITH_AS(parse_mount_options({"dest-nofollow"}), "mount option 'dest-nofollow' is not supported", Error);
}

TEST_CASE("id-mapped mounts") {
  CHECK(parse_mount_options({"bind", "idmap"}).id_map.wanted);
  CHECK_FALSE(parse_mount_options({"bind", "idmap"}).id_map.recursive);
  CHECK(parse_mount_options({"rbind", "ridmap"}).id_map.recursive);
  MountOptions crun = parse_mount_options({"bind", "idmap=uids=0-1-10;gids=0-1-10"});
  CHECK(crun.id_map.wanted);
  CHECK(crun.id_map.mappings == "uids=0-1-10;gids=0-1-10");
  CHECK(crun.parameters.empty());
}

TEST_CASE("options of the file system that mount(2) has flags for, and those that it alone has") {
  MountOptions told = parse_mount_options({"sync", "async"});
  CHECK(told.parameters[0].old_flag == 0UL);
  CHECK(told.parameters[1].old_flag == 0UL);
  CHECK(parse_mount_options({"async", "sync"}).parameters[1].old_flag == static_cast<unsigned long>(MS_SYNCHRONOUS));
  CHECK(told.old_flags == 0);
  CHECK(parse_mount_options({"iversion", "acl"}).old_flags == (MS_I_VERSION | MS_POSIXACL));
  CHECK(parse_mount_options({"iversion", "noiversion"}).old_flags == 0);
}

TEST_CASE("every option of the spec's table is known") {
  for (const char* name : {"async",         "atime",        "bind",
                           "defaults",      "dev",          "diratime",
                           "dirsync",       "exec",         "idmap",
                           "iversion",      "lazytime",     "loud",
                           "mand",          "noatime",      "nodev",
                           "nodiratime",    "noexec",       "noiversion",
                           "nolazytime",    "nomand",       "norelatime",
                           "nostrictatime", "nosuid",       "nosymfollow",
                           "private",       "ratime",       "rbind",
                           "rdev",          "rdiratime",    "relatime",
                           "remount",       "rexec",        "ridmap",
                           "rnoatime",      "rnodev",       "rnodiratime",
                           "rnoexec",       "rnorelatime",  "rnostrictatime",
                           "rnosuid",       "rnosymfollow", "ro",
                           "rprivate",      "rrelatime",    "rro",
                           "rrw",           "rshared",      "rslave",
                           "rstrictatime",  "rsuid",        "rsymfollow",
                           "runbindable",   "rw",           "shared",
                           "silent",        "slave",        "strictatime",
                           "suid",          "symfollow",    "sync",
                           "tmpcopyup",     "unbindable"}) {
    CAPTURE(name);
    MountOptions options = parse_mount_options({name});
    // Taken for the file system's own only where it is one of a superblock's, which that must be told.
    if (!options.parameters.empty()) CHECK(options.parameters[0].old_flag.has_value());
    std::vector<std::string> known = known_mount_options();
    CHECK(std::find(known.begin(), known.end(), name) != known.end());
  }
  CHECK(parse_mount_options({"ro", "nosuid", "rshared", "rbind", "defaults"}).parameters.empty());
}
