// The program is run for each architecture that it asks about and for one number of each range in which no comparison
// changes its outcome. What is left, an answer or the tests of the arguments, is the range's block; ranges with equal
// blocks are joined, and a binary search finds the range.
#include "libcrun/security/shorten_filter.h"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>
#include <tuple>

namespace crun::security {
namespace {

using Program = std::vector<sock_filter>;

// Thrown by what follows, caught in shorten_filter.
struct CannotShorten {};

constexpr bool is_load_of(const sock_filter& code, size_t offset) {
  return code.code == (BPF_LD | BPF_W | BPF_ABS) && code.k == offset;
}

bool outcome(const sock_filter& jump, uint32_t value) {
  switch (BPF_OP(jump.code)) {
    case BPF_JEQ: return value == jump.k;
    case BPF_JGT: return value > jump.k;
    case BPF_JGE: return value >= jump.k;
  }
  // BPF_JSET splits the numbers into more ranges than its constant says.
  throw CannotShorten();
}

bool is_conditional(const sock_filter& code) {
  return BPF_CLASS(code.code) == BPF_JMP && BPF_OP(code.code) != BPF_JA && BPF_SRC(code.code) == BPF_K;
}

// Code that is written from its end: every jump goes forward, so its target is there already. A place is the number of
// instructions from the end on.
class Backwards {
 public:
  size_t add(const sock_filter& code) {
    code_.push_back(code);
    if (code_.size() > BPF_MAXINSNS) throw CannotShorten();
    return code_.size();
  }

  size_t add(const Program& block) {
    code_.insert(code_.end(), block.rbegin(), block.rend());
    return code_.size();
  }

  // What is added next runs on into `place`.
  void flow_into(size_t place) {
    if (place == code_.size()) return;
    const sock_filter& target = code_[place - 1];
    bool is_answer = BPF_CLASS(target.code) == BPF_RET;
    add(is_answer ? target : sock_filter(BPF_STMT(BPF_JMP | BPF_JA, static_cast<uint32_t>(code_.size() - place))));
  }

  // A conditional jump reaches 255 instructions; one more may come in between for its other branch.
  bool reaches(size_t place) const { return code_.size() - place <= 254; }

  size_t add_jump(const sock_filter& jump, size_t if_true, size_t if_false) {
    auto near = [this](size_t place) {
      if (reaches(place)) return place;
      flow_into(place);
      return code_.size();
    };
    if_true = near(if_true);
    if_false = near(if_false);
    sock_filter code = jump;
    code.jt = static_cast<uint8_t>(code_.size() - if_true);
    code.jf = static_cast<uint8_t>(code_.size() - if_false);
    return add(code);
  }

  Program take() {
    std::reverse(code_.begin(), code_.end());
    return std::move(code_);
  }

 private:
  Program code_;
};

// The program, with the architecture and the number known.
class Residue {
 public:
  Residue(const Program& program, uint32_t arch, uint32_t number, std::set<uint32_t>& architectures)
      : program_(program), arch_(arch), number_(number), architectures_(architectures) {}

  Program block() {
    out_.flow_into(place_of(State{0, Holds::nothing}));
    return out_.take();
  }

 private:
  enum class Holds { nothing, arch, number, argument };
  struct State {
    size_t at;
    Holds holds;
    bool operator<(const State& other) const { return std::tie(at, holds) < std::tie(other.at, other.holds); }
  };

  const sock_filter& code_at(const State& state) const {
    if (state.at >= program_.size()) throw CannotShorten();
    return program_[state.at];
  }

  // Goes on as long as what is known decides.
  void run(State& state) {
    while (step(state, code_at(state))) {
    }
  }

  bool step(State& state, const sock_filter& code) {
    bool conditional = is_conditional(code);
    if (conditional && (state.holds == Holds::arch || state.holds == Holds::number)) {
      state.at += decide(state, code) ? code.jt : code.jf;
    } else if (is_load_of(code, offsetof(seccomp_data, arch))) {
      state.holds = Holds::arch;
    } else if (is_load_of(code, offsetof(seccomp_data, nr))) {
      state.holds = Holds::number;
    } else if (code.code == (BPF_JMP | BPF_JA)) {
      state.at += code.k;
    } else {
      return false;
    }
    ++state.at;
    return true;
  }

  bool decide(const State& state, const sock_filter& code) {
    if (state.holds == Holds::number) return outcome(code, number_);
    if (BPF_OP(code.code) != BPF_JEQ) throw CannotShorten();
    architectures_.insert(code.k);
    return code.k == arch_;
  }

  size_t place_of(State state) {
    run(state);
    auto [known, fresh] = places_.try_emplace(state, 0);
    if (fresh) known->second = write(state);
    return known->second;
  }

  size_t write(const State& state) {
    const sock_filter& code = code_at(state);
    if (code.code == (BPF_RET | BPF_K)) return out_.add(code);
    bool is_load = code.code == (BPF_LD | BPF_W | BPF_ABS) || code.code == (BPF_LD | BPF_MEM);
    if (!is_load && state.holds != Holds::argument) throw CannotShorten();
    if (is_conditional(code)) {
      size_t if_true = place_of({state.at + 1 + code.jt, state.holds});
      size_t if_false = place_of({state.at + 1 + code.jf, state.holds});
      return out_.add_jump(code, if_true, if_false);
    }
    if (!is_load && code.code != (BPF_ALU | BPF_AND | BPF_K) && code.code != BPF_ST) throw CannotShorten();
    out_.flow_into(place_of({state.at + 1, Holds::argument}));
    return out_.add(code);
  }

  const Program& program_;
  uint32_t arch_;
  uint32_t number_;
  std::set<uint32_t>& architectures_;
  std::map<State, size_t> places_;
  Backwards out_;
};

bool equal(const Program& a, const Program& b) {
  return a.size() == b.size() && memcmp(a.data(), b.data(), a.size() * sizeof(sock_filter)) == 0;
}

struct Range {
  uint32_t first = 0;
  Program block;
};

// Where the outcome of a comparison with a number may change. What compares arguments adds some too many.
std::vector<uint32_t> boundaries(const Program& program) {
  std::vector<uint32_t> places = {0};
  for (const sock_filter& code : program) {
    if (!is_conditional(code)) continue;
    places.push_back(code.k);
    if (code.k != ~0U) places.push_back(code.k + 1);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

std::vector<Range> ranges_of(const Program& program, const std::vector<uint32_t>& places, uint32_t arch,
                             std::set<uint32_t>& architectures) {
  std::vector<Range> ranges;
  for (uint32_t first : places) {
    Program block = Residue(program, arch, first, architectures).block();
    if (ranges.empty() || !equal(ranges.back().block, block)) ranges.push_back({first, std::move(block)});
  }
  return ranges;
}

class Shortened {
 public:
  // Finds the range of a number that is loaded already.
  size_t add_search(const std::vector<Range>& ranges, size_t begin, size_t end) {
    if (end - begin == 1) return place_of(ranges[begin].block);
    size_t middle = (begin + end) / 2;
    size_t upper = add_search(ranges, middle, end);
    size_t lower = add_search(ranges, begin, middle);
    sock_filter jump = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[middle].first, 0, 0);
    return out_.add_jump(jump, upper, lower);
  }

  size_t add_architecture(const std::vector<Range>& ranges) {
    size_t search = add_search(ranges, 0, ranges.size());
    if (ranges.size() == 1) return search;
    out_.flow_into(search);
    return out_.add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  }

  Program finish(const std::map<uint32_t, size_t>& places, size_t other) {
    for (const auto& [arch, place] : places) {
      other = out_.add_jump(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, 0), place, other);
    }
    out_.flow_into(other);
    out_.add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
    return out_.take();
  }

 private:
  // An answer that is out of a jump's reach is written again; tests of arguments are reached by a long jump.
  size_t place_of(const Program& block) {
    for (auto& [known, place] : blocks_) {
      if (!equal(*known, block)) continue;
      if (block.size() == 1 && !out_.reaches(place)) place = out_.add(block);
      return place;
    }
    return blocks_.emplace_back(&block, out_.add(block)).second;
  }

  Backwards out_;
  std::vector<std::pair<const Program*, size_t>> blocks_;
};

Program rebuilt(const Program& program) {
  std::vector<uint32_t> places = boundaries(program);
  uint32_t nobody = 1;
  while (std::binary_search(places.begin(), places.end(), nobody)) ++nobody;
  std::set<uint32_t> architectures;
  std::vector<Range> other = ranges_of(program, places, nobody, architectures);
  std::map<uint32_t, std::vector<Range>> known;
  for (uint32_t arch : std::set<uint32_t>(architectures)) {
    known[arch] = ranges_of(program, places, arch, architectures);
  }
  if (known.size() != architectures.size()) throw CannotShorten();
  Shortened result;
  size_t place = result.add_architecture(other);
  std::map<uint32_t, size_t> dispatch;
  for (const auto& [arch, ranges] : known) dispatch[arch] = result.add_architecture(ranges);
  return result.finish(dispatch, place);
}

}  // namespace

std::vector<sock_filter> shorten_filter(const std::vector<sock_filter>& program) {
  try {
    Program shorter = rebuilt(program);
    return shorter.size() < program.size() ? shorter : program;
  } catch (const CannotShorten&) {
    return program;
  }
}

}  // namespace crun::security
