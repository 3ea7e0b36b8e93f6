#include "image/dockerfile/arguments.h"

#include "image/dockerfile/suggestion.h"

namespace crun::dockerfile {
namespace {

// As docker sees one: digits, "<<", perhaps "-", and a name.
bool opens_heredoc(const std::string& word) {
  size_t i = 0;
  while (i < word.size() && word[i] >= '0' && word[i] <= '9') ++i;
  if (word.compare(i, 2, "<<") != 0) return false;
  i += 2;
  if (i < word.size() && word[i] == '-') ++i;
  return i < word.size() && word.find('<', i) == std::string::npos;
}

}  // namespace

Arguments::Arguments(const Source& source, const Node& node, char escape, std::string keyword, size_t from)
    : source_(source), node_(node), escape_(escape), keyword_(std::move(keyword)), text_(trim_right(node.text())) {
  Flags flags = split_flags(text_, from);
  rest_ = flags.rest;
  for (const Word& word : flags.list) {
    size_t equals = word.text.find('=');
    Flag flag{word.text.substr(2, equals == std::string::npos ? equals : equals - 2), std::nullopt,
              node.at(word.offset)};
    if (equals != std::string::npos) flag.value = word.text.substr(equals + 1);
    flags_.push_back(std::move(flag));
  }
}

std::optional<Text> Arguments::flag(const std::string& name) {
  std::optional<Text> result;
  for (Flag& flag : flags_) {
    if (flag.name != name) continue;
    if (result) throw error(flag.at, "--" + name + " is given twice");
    if (!flag.value || flag.value->empty()) throw error(flag.at, "--" + name + " needs a value: --" + name + "=…");
    flag.read = true;
    result = Text{*flag.value, flag.at};
  }
  known_.push_back("--" + name);
  return result;
}

void Arguments::refuse_flag(const std::string& name, const std::string& feature) {
  for (const Flag& flag : flags_) {
    if (flag.name == name) throw later(flag.at, feature);
  }
}

void Arguments::refuse_unread_flags() const {
  for (const Flag& flag : flags_) {
    if (flag.read) continue;
    std::vector<std::string_view> names(known_.begin(), known_.end());
    throw error(flag.at, "unknown flag '--" + flag.name + "' of " + keyword_ + suggestion("--" + flag.name, names));
  }
}

void Arguments::refuse_heredocs() const {
  for (const Word& word : split_quoted(text_, rest_, escape_)) {
    if (opens_heredoc(word.text)) throw later(node_.at(word.offset), "a heredoc in " + keyword_);
  }
}

std::vector<Text> Arguments::texts_of(const std::vector<Word>& words) const {
  std::vector<Text> texts;
  for (const Word& word : words) texts.push_back(text_of(word));
  return texts;
}

std::vector<Text> Arguments::plain_words() const { return texts_of(split_plain(text_, rest_)); }

std::vector<Text> Arguments::quoted_words() const { return texts_of(split_quoted(text_, rest_, escape_)); }

JsonWords Arguments::json_words() const {
  JsonWords json = split_json(std::string_view(text_).substr(rest_));
  if (json.is_array && !json.strings_alone) throw error("a JSON array here holds strings alone");
  return json;
}

std::vector<Text> Arguments::json_or_plain_words() const {
  JsonWords json = json_words();
  if (!json.is_array) return plain_words();
  std::vector<Text> texts;
  for (std::string& word : json.list) texts.push_back(Text{std::move(word), node_.at(rest_)});
  return texts;
}

CommandLine Arguments::command_line() const {
  JsonWords json = json_words();
  if (json.is_array) return CommandLine{false, std::move(json.list)};
  return CommandLine{true, {whole("a command").value}};
}

Text Arguments::whole(const std::string& what) const {
  if (rest_ >= text_.size()) throw error(keyword_ + " needs " + what);
  return Text{text_.substr(rest_), node_.at(rest_)};
}

std::optional<Text> Arguments::after_first_word() const {
  size_t end = rest_;
  while (end < text_.size() && !is_space(text_[end])) ++end;
  end = skip_space(text_, end);
  if (end >= text_.size()) return std::nullopt;
  return Text{text_.substr(end), node_.at(end)};
}

void Arguments::skip_word() {
  while (rest_ < text_.size() && !is_space(text_[rest_])) ++rest_;
  rest_ = skip_space(text_, rest_);
}

Error Arguments::error(const std::string& text) const {
  return source_.error(node_.at(rest_ < text_.size() ? rest_ : 0), text);
}

Error Arguments::later(const std::string& feature) const { return later(node_.at(0), feature); }

Error Arguments::later(Position at, const std::string& feature) const {
  return source_.error(at, feature + " is not supported by this release");
}

}  // namespace crun::dockerfile
