#include "libcrun/process/program.h"

#include <doctest/doctest.h>
#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/unit/scratch.h"

using namespace crun;
using namespace crun::process;

namespace {

struct Image {
  testing::Scratch scratch;
  Dir root = Dir::open(scratch.path());

  ProgramError error(const char* name, std::string_view content, mode_t mode, int code) const {
    root.replace_file(name, content, 0644, false);
    REQUIRE(fchmodat(root.fd(), name, mode, 0) == 0);
    std::string path = std::string("/") + name;
    return explain(Program{path, "/", {path}}, code, 0, root);
  }
};

std::string elf(unsigned machine) {
  Elf64_Ehdr header{};
  memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_machine = static_cast<Elf64_Half>(machine);
  return std::string(reinterpret_cast<const char*>(&header), sizeof header);
}

// With a PT_INTERP that names `loader`.
std::string dynamic_elf(const std::string& loader) {
  std::string text = elf(EM_X86_64);
  Elf64_Ehdr header{};
  memcpy(&header, text.data(), sizeof header);
  header.e_phoff = sizeof header;
  header.e_phnum = 1;
  Elf64_Phdr segment{};
  segment.p_type = PT_INTERP;
  segment.p_offset = sizeof header + sizeof segment;
  segment.p_filesz = loader.size() + 1;
  text.assign(reinterpret_cast<const char*>(&header), sizeof header);
  text.append(reinterpret_cast<const char*>(&segment), sizeof segment);
  text += loader;
  text.push_back('\0');
  return text;
}

bool has(const ProgramError& error, const char* text) { return error.text().find(text) != std::string::npos; }

}  // namespace

TEST_CASE("where a program may be") {
  CHECK(find_program({"/bin/sh"}, {}, "/").candidates == std::vector<std::string>{"/bin/sh"});
  CHECK(find_program({"./run"}, {"PATH=/bin"}, "/w").candidates == std::vector<std::string>{"./run"});
  CHECK(find_program({"sh"}, {"A=1", "PATH=/x:/y"}, "/").candidates == std::vector<std::string>{"/x/sh", "/y/sh"});
  // Neither an empty nor a relative folder: they would mean the working directory.
  CHECK(find_program({"sh"}, {"PATH=:/x:bin:."}, "/").candidates == std::vector<std::string>{"/x/sh"});
  CHECK(find_program({"sh"}, {}, "/").candidates.size() == 6);
  CHECK(find_program({""}, {}, "/").candidates.empty());
  CHECK_THROWS_AS(find_program({}, {}, "/"), Error);
}

TEST_CASE("a missing program: 127, in docker's words") {
  ProgramError by_name = explain(Program{"nope", "/", {"/bin/nope"}}, ENOENT, -1, Dir());
  CHECK(by_name.text() == "exec: \"nope\": executable file not found in $PATH");
  CHECK(by_name.exit_code() == 127);
  CHECK(by_name.kind() == ErrorKind::not_found);
  ProgramError by_path = explain(Program{"/nope", "/", {"/nope"}}, ENOENT, -1, Dir());
  CHECK(by_path.text() == "exec: \"/nope\": no such file or directory");
  CHECK(by_path.exit_code() == 127);
}

TEST_CASE("a script with Windows line ends") {
  ProgramError error = Image().error("run.sh", "#!/bin/sh\r\necho hi\r\n", 0755, ENOENT);
  CHECK(has(error, "CR LF"));
  CHECK(has(error, "/bin/sh"));
  CHECK(error.exit_code() == 127);
}

TEST_CASE("a script whose interpreter is missing") {
  ProgramError error = Image().error("run.py", "#! /usr/bin/python3 -u\n", 0755, ENOENT);
  CHECK(has(error, "'/usr/bin/python3'"));
  CHECK(error.exit_code() == 127);
}

TEST_CASE("a dynamic program without its loader") {
  ProgramError error = Image().error("app", dynamic_elf("/lib64/ld-linux-x86-64.so.2"), 0755, ENOENT);
  CHECK(has(error, "'/lib64/ld-linux-x86-64.so.2'"));
  CHECK(error.exit_code() == 127);
}

TEST_CASE("another architecture: 126") {
  ProgramError error = Image().error("app", elf(EM_S390), 0755, ENOEXEC);
  CHECK(has(error, "built for s390x"));
  CHECK(error.exit_code() == 126);
}

TEST_CASE("no known format: 126") {
  CHECK(has(Image().error("app", "echo hi\n", 0755, ENOEXEC), "neither an ELF program nor a script"));
  CHECK(has(Image().error("app", "", 0755, ENOEXEC), "empty"));
}

TEST_CASE("no execute permission, and a folder: 126") {
  ProgramError error = Image().error("app", "#!/bin/sh\n", 0644, EACCES);
  CHECK(has(error, "permission denied"));
  CHECK(has(error, "not executable"));
  CHECK(error.exit_code() == 126);
  Image image;
  REQUIRE(mkdirat(image.root.fd(), "bin", 0755) == 0);
  ProgramError folder = explain(Program{"/bin", "/", {"/bin"}}, EACCES, 0, image.root);
  CHECK(folder.text() == "exec: \"/bin\": is a directory");
  CHECK(folder.exit_code() == 126);
}

TEST_CASE("a program that cannot be looked at any more is still an error with its errno") {
  ProgramError error = explain(Program{"/x", "/", {"/x"}}, ETXTBSY, 0, Dir());
  CHECK(error.text() == "exec: \"/x\": text file busy");
  CHECK(error.exit_code() == 126);
}
