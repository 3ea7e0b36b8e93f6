// A command line against a Grammar, by the rules that docker's users are used to: clusters (-it), values attached or
// not (-m512m, -m 512m, -m=512m, --memory=512m), switches with a value (--rm=false), "--" as the end of options.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command/grammar.h"
#include "crun/error.h"

namespace crun::cli {

// The command line itself is wrong. exit_code: 125 for an option, 1 for a number of arguments, as docker's.
class UsageError : public Error {
 public:
  UsageError(std::string text, int exit_code) : Error(ErrorKind::invalid, std::move(text)), exit_code_(exit_code) {}
  int exit_code() const noexcept { return exit_code_; }

 private:
  int exit_code_;
};

// Options of one command line. Names are those of its Grammar; asking for another one is Error{internal}.
class Options {
 public:
  explicit Options(const Grammar& grammar) : grammar_(&grammar) {}

  std::vector<std::string> arguments;
  bool help = false;  // --help was given: nothing else was checked

  bool flag(std::string_view name, bool otherwise = false) const;  // a switch, as last given
  const std::string* find(std::string_view name) const;            // the last value, or nullptr
  std::string text(std::string_view name) const;                   // the last value, or ""
  std::vector<std::string> all(std::string_view name) const;       // every value, in order

  void add(const Option& option, std::string value) { given_.emplace_back(&option, std::move(value)); }

 private:
  const Option& declared(std::string_view name) const;

  const Grammar* grammar_;
  std::vector<std::pair<const Option*, std::string>> given_;
};

// arguments: without the command's own name. Throws UsageError.
Options parse(const Grammar& grammar, std::span<const std::string> arguments);

}  // namespace crun::cli
