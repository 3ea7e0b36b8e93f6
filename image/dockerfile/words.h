// An instruction's text in words: as docker splits ENV, LABEL and ARG, flags, and JSON arrays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crun::dockerfile {

bool is_space(char c) noexcept;  // ASCII, without newline: lines are split before
bool is_digit(char c) noexcept;
bool is_alphanumeric(char c) noexcept;
std::string lower_case(std::string_view text);
size_t skip_space(std::string_view text, size_t from);  // first offset from `from` on that is no space, or the size
std::string_view trim_right(std::string_view text);

// A part of the text and where it starts.
struct Word {
  std::string text;
  size_t offset = 0;
};

// Split at white space outside quotes; quotes and escapes stay, substitution takes them away.
std::vector<Word> split_quoted(std::string_view text, size_t from, char escape);

// Split at white space alone, as docker does for FROM, COPY, EXPOSE and VOLUME.
std::vector<Word> split_plain(std::string_view text, size_t from);

struct Flags {
  std::vector<Word> list;  // "--name=value", quotes and escapes taken away
  size_t rest = 0;         // where the arguments begin
};

// The words at the front that begin with "--", up to one that is "--" alone.
Flags split_flags(std::string_view text, size_t from);

struct JsonWords {
  bool is_array = false;      // it is a JSON array
  bool strings_alone = true;  // and all in it are strings
  std::vector<std::string> list;
};

// What is not wholly JSON is no array: docker takes it for a shell's line then.
JsonWords split_json(std::string_view text);

}  // namespace crun::dockerfile
