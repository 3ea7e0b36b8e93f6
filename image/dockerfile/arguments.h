// What follows an instruction's name: flags, words, a command; each instruction takes what it knows, the rest is
// refused.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/dockerfile/instruction.h"
#include "image/dockerfile/node.h"
#include "image/dockerfile/words.h"

namespace crun::dockerfile {

class Arguments {
 public:
  // keyword: in capitals. from: the offset in the node's text behind it. The borrowed objects outlive this one.
  Arguments(const Source& source, const Node& node, char escape, std::string keyword, size_t from);

  const std::string& keyword() const noexcept { return keyword_; }

  // The value of --name=value, and that it is known. Error{invalid} where it has no value.
  std::optional<Text> flag(const std::string& name);
  // A flag that docker has and this release does not.
  void refuse_flag(const std::string& name, const std::string& feature);
  void refuse_unread_flags() const;
  void refuse_heredocs() const;

  std::vector<Text> plain_words() const;
  std::vector<Text> quoted_words() const;
  // The JSON array's strings, or the plain words. Error{invalid} for an array with anything but strings in it.
  std::vector<Text> json_or_plain_words() const;
  CommandLine command_line() const;
  // All of it. Error{invalid} "<KEYWORD> needs <what>" where there is nothing.
  Text whole(const std::string& what) const;
  std::optional<Text> after_first_word() const;
  void skip_word();

  Error error(const std::string& text) const;  // points at the arguments' start
  Error error(Position at, const std::string& text) const { return source_.error(at, text); }
  Error later(const std::string& feature) const;

 private:
  struct Flag {
    std::string name;
    std::optional<std::string> value;
    Position at;
    bool read = false;
  };
  Text text_of(const Word& word) const { return Text{word.text, node_.at(word.offset)}; }
  std::vector<Text> texts_of(const std::vector<Word>& words) const;
  Error later(Position at, const std::string& feature) const;
  JsonWords json_words() const;

  const Source& source_;
  const Node& node_;
  char escape_;
  std::string keyword_;
  std::string text_;  // the node's, without white space at its end
  std::vector<Flag> flags_;
  std::vector<std::string> known_;  // flags that were asked for
  size_t rest_ = 0;
};

}  // namespace crun::dockerfile
