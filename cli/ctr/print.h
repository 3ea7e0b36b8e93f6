// Results go to stdout by these; main tells where they could not be written.
#pragma once

#include <string>
#include <string_view>

#include "crun/error.h"

namespace crun::cli {

void print(std::string_view text);

// Writes out what print() holds. Throws SysError where stdout does not take it (a full disk).
void flush_output();

// One line on stderr: "ctr stop: <text>". command: "stop"; empty for ctr itself.
void print_error(std::string_view command, std::string_view text);

// Docker's way with several objects: each is tried, what fails is told, and the exit code is 1 in the end.
template <typename Objects, typename Act>
int for_each_object(std::string_view command, const Objects& objects, Act act) {
  int code = 0;
  for (const auto& object : objects) {
    try {
      act(object);
    } catch (const Error& error) {
      flush_output();
      print_error(command, error.text());
      code = 1;
    }
  }
  return code;
}

}  // namespace crun::cli
