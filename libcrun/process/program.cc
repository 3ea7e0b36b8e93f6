#include "libcrun/process/program.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace crun::process {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr int kMissing = 127;
constexpr int kNotInvocable = 126;

struct Machine {
  unsigned id;
  const char* name;
};
constexpr Machine kMachines[] = {
    {EM_X86_64, "x86_64"}, {EM_386, "i386"},   {EM_AARCH64, "aarch64"}, {EM_ARM, "arm"},     {EM_RISCV, "riscv64"},
    {EM_PPC64, "ppc64"},   {EM_S390, "s390x"}, {EM_MIPS, "mips"},       {EM_SPARC, "sparc"}, {EM_IA_64, "ia64"},
};

std::string machine_name(unsigned id) {
  for (const Machine& machine : kMachines) {
    if (machine.id == id) return machine.name;
  }
  return "machine " + std::to_string(id);
}

std::string_view path_of(const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    if (entry.rfind("PATH=", 0) == 0) return std::string_view(entry).substr(5);
  }
  return kDefaultPath;
}

std::string quoted(const std::string& name) { return "exec: \"" + name + "\": "; }

// Opened only if it is a regular file: a fifo or a device of an image would hang us.
struct File {
  Fd fd;
  struct stat status {};
};

std::optional<File> look_at(const Dir& root, const std::string& path) {
  if (!root) return std::nullopt;
  try {
    std::optional<Fd> place = root.find_at(path, O_PATH);
    if (!place) return std::nullopt;
    File file;
    if (fstat(place->get(), &file.status) != 0) return std::nullopt;
    if (S_ISREG(file.status.st_mode)) file.fd = root.open_at(path, O_RDONLY | O_NONBLOCK);
    return file;
  } catch (const Error&) {
    return std::nullopt;  // then the errno alone has to do
  }
}

std::string first_bytes(const File& file) {
  char bytes[4096];
  ssize_t count = file.fd ? pread(file.fd.get(), bytes, sizeof bytes, 0) : 0;
  return std::string(bytes, static_cast<size_t>(std::max<ssize_t>(count, 0)));
}

bool is_elf(const std::string& bytes) {
  return bytes.size() >= sizeof(Elf32_Ehdr) && memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
}

// "#!/bin/sh -e\r\n" -> "/bin/sh -e\r" up to the first blank, as the kernel cuts it.
std::string script_interpreter(const std::string& bytes) {
  std::string line = bytes.substr(2, bytes.find('\n') == std::string::npos ? std::string::npos : bytes.find('\n') - 2);
  size_t begin = line.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_first_of(" \t", begin) - begin);
}

std::string elf_interpreter(const File& file, const std::string& bytes) {
  Elf64_Ehdr header{};
  if (bytes.size() < sizeof header || bytes[EI_CLASS] != ELFCLASS64) return "";
  memcpy(&header, bytes.data(), sizeof header);
  for (unsigned i = 0; i < header.e_phnum && i < 64; ++i) {
    Elf64_Phdr segment{};
    off_t at = static_cast<off_t>(header.e_phoff + i * sizeof segment);
    if (pread(file.fd.get(), &segment, sizeof segment, at) != sizeof segment) return "";
    if (segment.p_type != PT_INTERP || segment.p_filesz < 2 || segment.p_filesz > 4096) continue;
    std::string name(segment.p_filesz - 1, '\0');
    if (pread(file.fd.get(), name.data(), name.size(), static_cast<off_t>(segment.p_offset)) < 0) return "";
    return name;
  }
  return "";
}

// The file is there, and something that it needs is not.
ProgramError missing_interpreter(const std::string& path, const File& file) {
  std::string bytes = first_bytes(file);
  std::string text = quoted(path) + "no such file or directory: ";
  if (bytes.rfind("#!", 0) == 0) {
    std::string interpreter = script_interpreter(bytes);
    if (!interpreter.empty() && interpreter.back() == '\r') {
      interpreter.pop_back();
      text += "its first line ends in CR LF, so its interpreter is '" + interpreter +
              "' with a carriage return; save it with Unix line ends (dos2unix)";
    } else {
      text += "it is a script, and its interpreter '" + interpreter + "' is not in the image";
    }
  } else if (std::string loader = elf_interpreter(file, bytes); !loader.empty()) {
    text += "it is dynamically linked, and its loader '" + loader +
            "' is not in the image; link it statically or use an image with that libc";
  } else {
    text += "the file is there, but what it needs to run is not";
  }
  return ProgramError(ErrorKind::not_found, text, kMissing);
}

ProgramError wrong_format(const std::string& path, const File& file) {
  std::string bytes = first_bytes(file);
  std::string text = quoted(path) + "exec format error: ";
  utsname host{};
  uname(&host);
  if (is_elf(bytes)) {
    Elf32_Ehdr header{};
    memcpy(&header, bytes.data(), sizeof header);
    std::string machine = machine_name(header.e_machine);
    if (machine != host.machine) {
      text += "it is built for " + machine + ", and this machine is " + host.machine +
              "; use an image of this architecture";
    } else {
      text += "it is a damaged ELF file";
    }
  } else if (bytes.empty()) {
    text += "the file is empty";
  } else {
    text += "it is neither an ELF program nor a script that begins with #!";
  }
  return ProgramError(ErrorKind::invalid, text, kNotInvocable);
}

ProgramError no_permission(const std::string& path, const File& file) {
  std::string text = quoted(path);
  if (S_ISDIR(file.status.st_mode)) return ProgramError(ErrorKind::denied, text + "is a directory", kNotInvocable);
  text += "permission denied: ";
  if (!S_ISREG(file.status.st_mode)) {
    text += "it is not a regular file";
  } else if ((file.status.st_mode & 0111) == 0) {
    text += "it is not executable; chmod +x it in the image";
  } else {
    text += "the process's user may not execute it, or its file system or interpreter forbids it";
  }
  return ProgramError(ErrorKind::denied, text, kNotInvocable);
}

ProgramError not_found(const Program& program) {
  std::string text = quoted(program.name);
  bool by_path = program.name.find('/') != std::string::npos;
  text += by_path ? "no such file or directory" : "executable file not found in $PATH";
  return ProgramError(ErrorKind::not_found, text, kMissing);
}

}  // namespace

Program find_program(const std::vector<std::string>& args, const std::vector<std::string>& environment,
                     const std::string& cwd) {
  if (args.empty()) throw Error(ErrorKind::invalid, "process.args is empty: there is no program to execute");
  Program program{args[0], cwd.empty() ? "/" : cwd, {}};
  if (program.name.find('/') != std::string::npos) {
    program.candidates.push_back(program.name);
    return program;
  }
  std::string_view path = path_of(environment);
  while (!path.empty() && !program.name.empty()) {
    size_t colon = path.find(':');
    std::string folder(path.substr(0, colon));
    // A relative folder would run whatever lies in the working directory.
    if (!folder.empty() && folder.front() == '/') program.candidates.push_back(folder + "/" + program.name);
    if (colon == std::string_view::npos) break;
    path.remove_prefix(colon + 1);
  }
  return program;
}

ProgramError explain(const Program& program, int error, int index, const Dir& root) {
  if (index < 0 || static_cast<size_t>(index) >= program.candidates.size()) return not_found(program);
  const std::string& path = program.candidates[static_cast<size_t>(index)];
  std::string from_root = path.front() == '/' ? path : program.cwd + "/" + path;
  std::optional<File> file = look_at(root, from_root);
  if (file) {
    if (error == ENOENT) return missing_interpreter(path, *file);
    if (error == ENOEXEC) return wrong_format(path, *file);
    if (error == EACCES || error == EPERM) return no_permission(path, *file);
  }
  bool missing = error == ENOENT || error == ENOTDIR;
  return ProgramError(missing ? ErrorKind::not_found : ErrorKind::denied, quoted(path) + errno_text(error),
                      missing ? kMissing : kNotInvocable);
}

ProgramError explain(const Program& program, int error, int index, pid_t pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/root";
  Dir root(Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  return explain(program, error, index, root);
}

}  // namespace crun::process
