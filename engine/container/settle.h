// Finishing what killed processes left of containers. The kernel's locks tell whose owner is gone.
#pragma once

#include "engine/container/places.h"
#include "engine/container/tables.h"

namespace crun::engine {

// With its lock held: its cgroup is killed and removed, the runtime's state too. A record that says it runs becomes
// "exited 137, monitor lost".
void settle_locked(Engine::Impl& engine, const Places& places, const ContainerLock& lock);

// All of a container but its row: settle_locked, then its folders. lock: held, of it.
void remove_files(Engine::Impl& engine, const Places& places, const ContainerLock& lock);

// Where nobody looks after it any more, its monitor's death is written down. A `--rm` container that has ended is
// removed, its row too. True where it is gone.
bool settle_ended(Engine::Impl& engine, const Container& container);

// Folders that belong to no row and no living process: of containers whose making was killed, and of `--rm` containers
// from before the last boot. Goes on through failures, which are logged.
void settle_strays(Engine::Impl& engine);

}  // namespace crun::engine
