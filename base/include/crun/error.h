// The one error type that crosses every boundary of this project.
#pragma once

#include <cerrno>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "crun/export.h"

namespace crun {

// What the caller can do about it; the command line maps a kind to an exit code, the CRI server to a gRPC code.
enum class ErrorKind {
  invalid,      // what was asked for is malformed: a spec, a reference, a Dockerfile, a flag
  not_found,    // the named object does not exist
  exists,       // the name or id is taken
  busy,         // the object is in use, or in the wrong state for this
  denied,       // permission, or a security check that failed
  unsupported,  // this host, kernel or build cannot do it
  system,       // the kernel refused: SysError, with its errno
  internal,     // a promise of our own code was broken
};

// Text is lower case and names the operation and the object: "opening layer sha256:…: no such file or directory".
// Thrown inside the library; turned into text and exit code once, at main, a thread's start, or the C ABI.
class CRUN_API Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& text() const noexcept { return text_; }
  const char* what() const noexcept override { return text_.c_str(); }

  // Puts what the caller knows and the thrower did not in front: "<what>: <text>". Keeps kind and type.
  void add_context(std::string_view what) { text_.insert(0, std::string(what) + ": "); }

 private:
  ErrorKind kind_;
  std::string text_;
};

// A system call that failed. Carries the errno it is given, never the ambient one.
class CRUN_API SysError : public Error {
 public:
  // errno_value: a positive errno. what: operation and object; the errno's text is appended.
  SysError(int errno_value, std::string_view what);
  int errno_value() const noexcept { return errno_; }

 private:
  int errno_;
};

// The errno's text as the C locale has it, without the allocation or the lock of strerror ("no such file or
// directory").
std::string errno_text(int errno_value);

// Throws SysError(errno, what) where result is -1; else gives the result back. `what` is only evaluated by the caller,
// so it is for literals and cheap texts; where the text must be built, test first and throw SysError.
template <typename Int>
Int checked(Int result, std::string_view what) {
  if (result == static_cast<Int>(-1)) throw SysError(errno, what);
  return result;
}

}  // namespace crun
