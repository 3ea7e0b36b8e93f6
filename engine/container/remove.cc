// remove_container.
#include <signal.h>

#include <cerrno>

#include "crun/error.h"
#include "engine/container/settle.h"
#include "engine/impl.h"

namespace crun {

using namespace engine;

void remove_container(Engine& engine, const std::string& name, const RemoveOptions& options) {
  Engine::Impl& impl = engine.impl();
  Container container = get_container(impl, name);
  Places places = places_of(engine.config(), container.id, container.kept);
  if (condition_of(places).unfinished) {
    if (!options.force) {
      throw Error(ErrorKind::busy, "cannot remove container " + name + ": it is running; stop it (ctr stop " + name +
                                       ") or force it (ctr rm -f " + name + ")");
    }
    try {
      kill_container(engine, container.id, "KILL");
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy) throw;  // it ended by itself
    }
  }
  wait_until_unattended(places);
  std::optional<ContainerLock> lock = ContainerLock::try_take_existing(places);
  // Nothing there: somebody else removes it too, or its files were gone already.
  if (lock) remove_files(impl, places, *lock);
  delete_row(impl, container.id, container.kept);
  settle_strays(impl);
}

}  // namespace crun
