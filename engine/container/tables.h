// Containers as rows: who they are and what was asked for. What becomes of them is in their status record. The same
// table is in both databases: on disk for those that are kept, in the run root for `--rm`.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crun/containers.h"
#include "crun/engine.h"
#include "image/store/store.h"
#include "state/database.h"

namespace crun::engine {

extern const state::Schema kContainerSchema;

struct Container {
  std::string id;
  std::string name;
  std::string image;     // as the user wrote it
  std::string image_id;  // "sha256:…"
  int64_t created = 0;   // nanoseconds since 1970
  bool kept = true;      // in the database on disk
  ContainerRequest request;
};

// The image that a new container starts from.
struct NewContainer {
  Container container;
  image::Store::Runnable image;
};

// Takes the name, in one transaction over both databases, so that neither a name is held twice nor an image removed
// under its new container. id: 64 digits; its lock is held. request: validated; an empty name is made up. Throws
// Error{exists} naming the holder, Error{not_found} for the image.
NewContainer insert_container(Engine::Impl& engine, const std::string& id, const ContainerRequest& request);

// By name, id, or a unique prefix of an id. Throws Error{not_found}, and Error{invalid} for an ambiguous prefix.
Container get_container(Engine::Impl& engine, const std::string& name);
std::optional<Container> find_container(Engine::Impl& engine, const std::string& name);
std::vector<Container> all_containers(Engine::Impl& engine);  // newest first

std::set<std::string> container_ids(Engine::Impl& engine);
bool has_row(Engine::Impl& engine, const std::string& id);

// The row alone; one that is gone is no error.
void delete_row(Engine::Impl& engine, const std::string& id, bool kept);

// Of an image, for rmi: rows of both databases. Inside the caller's transaction on the run database.
std::vector<Container> containers_of_image(Engine::Impl& engine, const std::string& image_id);

}  // namespace crun::engine
