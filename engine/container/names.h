// Names for containers that got none: adjective_noun.
#pragma once

#include <string>

namespace crun::engine {

// attempt: from 0; later ones get a number too, so that a name is found however many are taken.
std::string make_up_name(unsigned attempt);

}  // namespace crun::engine
