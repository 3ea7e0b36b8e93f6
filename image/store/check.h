// Is the store what the database says it is? For tests after faults, and later for `ctr system check`.
#pragma once

#include <string>
#include <vector>

#include "image/store/store.h"

namespace crun::image {

// One line for each thing that is wrong: a layer without its folder, a folder without a row, a draft, record or lock
// that no live process holds, an image whose layers and diff ids differ, a broken foreign key, SQLite's own
// integrity check, a folder that others may enter. Empty: all is well. Changes nothing.
std::vector<std::string> check_store(Store& store);

}  // namespace crun::image
