// What the parts of the store share: rows and folders that go together.
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "crun/error.h"
#include "image/oci/digest.h"
#include "image/oci/reference.h"
#include "image/store/layer.h"
#include "state/state_root.h"

namespace crun::image::tables {

inline constexpr const char* kLayers = "layers";
inline constexpr const char* kRecords = "records";
inline constexpr const char* kDrafts = "drafts";
inline constexpr const char* kWorkIntent = "image.work";

// The columns of a Layer, in the order that read_layer takes them from.
#define CRUN_LAYER_COLUMNS "layers.id, layers.diff_id, layers.chain_id, layers.bytes, layers.inodes, layers.created"
Layer read_layer(const state::Statement& statement);

std::optional<Layer> find_layer(state::Database& database, const Digest& diff_id,
                                const std::optional<Digest>& chain_id);
bool has_layer(state::Database& database, const LayerId& id);
bool has_image(state::Database& database, const Digest& id);
// Inside a transaction: the name is this image's from now on. Throws Error{invalid} for a name without tag, with a
// digest, or that would be taken for an id.
void put_name(state::Database& database, const Reference& name, const Digest& image);

// Inside a transaction: takes the rows of all layers that no image, cache record or work holds, and notes their folders
// to be removed. Returns their diff ids.
std::vector<Digest> free_unreferenced(state::Database& database);
// Inside a transaction: the layers that this work held are its no more.
void release_pins(state::Database& database, const std::string& work);

// Outside a transaction: removes the folders that free_unreferenced noted. Where another process is at it, that one
// does ours too. What cannot be removed is logged and left to the next command.
void empty_trash(state::StateRoot& root);
// A file of some room that whoever frees room may spend: a transaction writes to its journal before it can delete,
// which a full disk would refuse. Made where it is missing; without it where the disk has no room for it.
void keep_reserve(const state::StateRoot& root);
// Gives the reserve's room back to the disk. False where there was none.
bool spend_reserve(const state::StateRoot& root);
// Does a change that frees room; once more with the reserve spent where the disk was full.
template <typename Change>
auto freeing(const state::StateRoot& root, Change change) {
  try {
    return change();
  } catch (const SysError& error) {
    if (error.errno_value() != ENOSPC || !spend_reserve(root)) throw;
  }
  return change();
}

// Removes a work's drafts, and what of them had become a layer's folder without its row.
void clear_drafts(state::StateRoot& root, const std::string& work);
// All of a work that ended without finish().
void settle_work(state::StateRoot& root, const std::string& work);
// Layers that were not flushed when the machine went down may be anything: forgets them.
void drop_unflushed(state::StateRoot& root);

// This boot's (proc(5), /proc/sys/kernel/random/boot_id).
std::string boot_id();

}  // namespace crun::image::tables
