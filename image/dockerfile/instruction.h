// What each instruction of a Dockerfile says, before any variable is replaced.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "image/dockerfile/source.h"

namespace crun::dockerfile {

// A word and the place to point at when something is wrong with it. Quotes, escapes and variables are still in it.
struct Text {
  std::string value;
  Position at;
};

struct Assignment {
  Text name;
  Text value;
};

// RUN, CMD, ENTRYPOINT, HEALTHCHECK CMD. In the shell form `words` holds the one line that the shell gets.
struct CommandLine {
  bool shell_form = false;
  std::vector<std::string> words;
};

struct From {
  Text image;
  std::optional<Text> name;  // AS, in lower case
};
struct Arg {
  struct One {
    Text name;
    std::optional<Text> value;
  };
  std::vector<One> list;
};
struct Env {
  std::vector<Assignment> list;
};
struct Label {
  std::vector<Assignment> list;
};
struct Run {
  CommandLine command;
};
struct Cmd {
  CommandLine command;
};
struct Entrypoint {
  CommandLine command;
};
struct Shell {
  std::vector<std::string> words;
};
struct Copy {
  bool add = false;  // ADD, which also unpacks local archives
  std::vector<Text> sources;
  Text destination;
  std::optional<Text> from;
  std::optional<Text> owner;  // --chown
  std::optional<Text> mode;   // --chmod
};
struct Workdir {
  Text path;
};
struct User {
  Text user;
};
struct StopSignal {
  Text signal;
};
struct Maintainer {
  std::string name;
};
struct Expose {
  std::vector<Text> ports;
};
struct Volume {
  std::vector<Text> paths;
};
struct Healthcheck {
  bool none = false;
  CommandLine command;
  // Nanoseconds; 0: not given.
  int64_t interval = 0;
  int64_t timeout = 0;
  int64_t start_period = 0;
  int64_t start_interval = 0;
  int retries = 0;
};

using Body = std::variant<From, Arg, Env, Label, Run, Cmd, Entrypoint, Shell, Copy, Workdir, User, StopSignal,
                          Maintainer, Expose, Volume, Healthcheck>;

struct Instruction {
  Body body;
  std::string text;  // as written, continuation lines joined: for progress
  LineRange lines;
  Position at;
};

}  // namespace crun::dockerfile
