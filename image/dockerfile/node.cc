#include "image/dockerfile/node.h"

#include <algorithm>
#include <array>

#include "image/dockerfile/words.h"

namespace crun::dockerfile {
namespace {

struct Directive {
  std::string name;  // lower case
  std::string_view value;
  size_t value_offset = 0;
};

// "# name = value"; docker knows these three, and takes the line for a comment where it is another.
std::optional<Directive> directive_in(std::string_view line) {
  if (line.empty() || line.front() != '#') return std::nullopt;
  size_t begin = skip_space(line, 1);
  size_t end = begin;
  while (end < line.size() && is_alphanumeric(line[end])) ++end;
  size_t equals = skip_space(line, end);
  if (end == begin || equals >= line.size() || line[equals] != '=') return std::nullopt;
  size_t value = skip_space(line, equals + 1);
  if (value >= line.size()) return std::nullopt;
  Directive result{lower_case(line.substr(begin, end - begin)), trim_right(line.substr(value)), value};
  constexpr std::array<std::string_view, 3> kKnown = {"escape", "syntax", "check"};
  if (std::find(kKnown.begin(), kKnown.end(), result.name) == kKnown.end()) return std::nullopt;
  return result;
}

bool is_comment(std::string_view line) {
  size_t begin = skip_space(line, 0);
  return begin < line.size() && line[begin] == '#';
}

// The line without its continuation mark, where it has one: an escape at the end that no other escape precedes. White
// space after it is allowed.
std::optional<std::string_view> without_continuation(std::string_view line, char escape) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  if (line.empty() || line.back() != escape) return std::nullopt;
  line.remove_suffix(1);
  if (!line.empty() && line.back() == escape) return std::nullopt;
  return line;
}

class Reader {
 public:
  explicit Reader(const Source& source) : source_(source) {}

  Nodes read() {
    refuse_nul();
    read_directives();
    while (next_ <= source_.line_count()) {
      std::string_view line = source_.line(next_);
      size_t begin = skip_space(line, 0);
      if (begin == line.size() || line[begin] == '#') {
        ++next_;
      } else {
        read_node(begin);
      }
    }
    if (nodes_.list.empty()) throw Error(ErrorKind::invalid, source_.name() + ": it has no instructions");
    return std::move(nodes_);
  }

 private:
  // It would cut an argument of execve(2) short.
  void refuse_nul() const {
    for (int number = 1; number <= source_.line_count(); ++number) {
      size_t nul = source_.line(number).find('\0');
      if (nul != std::string_view::npos) {
        throw source_.error({number, column_of(source_.line(number), nul)}, "a NUL byte: this is no text");
      }
    }
  }

  void read_directives() {
    std::vector<std::string> seen;
    for (; next_ <= source_.line_count(); ++next_) {
      std::optional<Directive> directive = directive_in(source_.line(next_));
      if (!directive) return;
      if (std::find(seen.begin(), seen.end(), directive->name) != seen.end()) {
        throw source_.error({next_, 1}, "the parser directive '" + directive->name + "' is given twice");
      }
      seen.push_back(directive->name);
      if (directive->name == "escape") set_escape(*directive);
    }
  }

  void set_escape(const Directive& directive) {
    if (directive.value != "\\" && directive.value != "`") {
      throw source_.error({next_, column_of(source_.line(next_), directive.value_offset)},
                          "the escape directive is either \\ or `, not '" + std::string(directive.value) + "'");
    }
    nodes_.escape = directive.value.front();
  }

  void read_node(size_t begin) {
    Node node;
    node.lines = {next_, next_};
    bool more = add_line(node, begin);
    while (more && next_ <= source_.line_count()) {
      std::string_view line = source_.line(next_);
      if (is_comment(line) || skip_space(line, 0) == line.size()) {
        ++next_;
        continue;
      }
      node.lines.last = next_;
      more = add_line(node, 0);
    }
    if (skip_space(node.text(), 0) < node.text().size()) nodes_.list.push_back(std::move(node));
  }

  // Gives whether the instruction goes on with the next line.
  bool add_line(Node& node, size_t begin) {
    std::string_view line = source_.line(next_);
    std::optional<std::string_view> continued = without_continuation(line.substr(begin), nodes_.escape);
    node.append(continued ? *continued : line.substr(begin), next_, column_of(line, begin));
    ++next_;
    return continued.has_value();
  }

  const Source& source_;
  Nodes nodes_;
  int next_ = 1;
};

}  // namespace

void Node::append(std::string_view text, int line, int column) {
  pieces_.push_back(Piece{text_.size(), Position{line, column}});
  text_ += text;
}

Position Node::at(size_t offset) const {
  if (pieces_.empty()) return {};
  auto after = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                [](size_t value, const Piece& piece) { return value < piece.offset; });
  const Piece& piece = *(after == pieces_.begin() ? after : after - 1);
  std::string_view text(text_);
  int columns = column_of(text.substr(piece.offset), offset - piece.offset) - 1;
  return Position{piece.start.line, piece.start.column + columns};
}

Nodes read_nodes(const Source& source) { return Reader(source).read(); }

}  // namespace crun::dockerfile
