#include "engine/container/names.h"

#include <array>

#include "base/random_id.h"

namespace crun::engine {
namespace {

constexpr std::array kAdjectives = {
    "amber",  "ample",  "apt",      "avid",   "bold",   "brave",  "breezy", "brisk",  "calm",   "candid",
    "cheery", "civil",  "clear",    "clever", "cosy",   "crisp",  "deft",   "eager",  "early",  "earnest",
    "easy",   "fair",   "fleet",    "fond",   "frank",  "fresh",  "gentle", "glad",   "golden", "grand",
    "happy",  "hardy",  "honest",   "humble", "jolly",  "keen",   "kind",   "light",  "lively", "loyal",
    "lucid",  "lucky",  "mellow",   "merry",  "mild",   "modest", "neat",   "nimble", "noble",  "patient",
    "placid", "plucky", "polite",   "prompt", "proud",  "quick",  "quiet",  "rapid",  "ready",  "serene",
    "sharp",  "silent", "smooth",   "sober",  "solid",  "spry",   "steady", "stout",  "sturdy", "sunny",
    "swift",  "tidy",   "tranquil", "trusty", "upbeat", "vivid",  "warm",   "wise",   "witty",  "zesty",
};

constexpr std::array kNouns = {
    "acorn",   "alder",  "aspen",   "badger",    "barge",   "basin",   "beacon",  "beaver", "birch",   "bison",
    "bobcat",  "brook",  "canoe",   "canyon",    "cedar",   "cherry",  "cliff",   "clover", "comet",   "coral",
    "crane",   "creek",  "cypress", "dale",      "delta",   "dingo",   "dune",    "egret",  "ember",   "falcon",
    "fern",    "finch",  "fjord",   "forest",    "gannet",  "geyser",  "glacier", "grove",  "gull",    "harbour",
    "hazel",   "heron",  "hollow",  "ibis",      "island",  "jackdaw", "juniper", "kelp",   "kestrel", "lagoon",
    "lark",    "linden", "lynx",    "maple",     "marsh",   "meadow",  "meteor",  "moose",  "oak",     "orchard",
    "osprey",  "otter",  "pebble",  "pelican",   "pine",    "plover",  "puffin",  "quail",  "raven",   "reef",
    "ridge",   "river",  "robin",   "sandpiper", "sparrow", "spruce",  "stork",   "summit", "swallow", "tern",
    "thistle", "tundra", "valley",  "walnut",    "willow",  "wren",
};

}  // namespace

std::string make_up_name(unsigned attempt) {
  unsigned long random = std::stoul(random_hex(8), nullptr, 16);
  std::string name = kAdjectives[random % kAdjectives.size()];
  name += '_';
  name += kNouns[(random / kAdjectives.size()) % kNouns.size()];
  if (attempt >= 3) name += std::to_string(random % (attempt < 6 ? 100 : 1'000'000));
  return name;
}

}  // namespace crun::engine
