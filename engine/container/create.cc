// create_container, start_container, run_container.
#include <cstdlib>

#include "base/random_id.h"
#include "crun/runtime.h"
#include "engine/container/settle.h"
#include "engine/impl.h"
#include "engine/monitor/launch.h"
#include "engine/session/monitor_session.h"
#include "engine/spec/validate.h"

namespace crun {

using namespace engine;

namespace {

struct Created {
  NewContainer made;
  Places places;
  ContainerLock lock;
};

// `-e NAME` takes the caller's value now: a later start is by somebody else.
void take_environment(ContainerRequest& request) {
  for (std::string& entry : request.env) {
    if (entry.find('=') != std::string::npos) continue;
    const char* value = getenv(entry.c_str());
    if (value != nullptr) entry += std::string("=") + value;
  }
}

ContainerRequest complete_request(Engine& engine, const ContainerRequest& given) {
  ContainerRequest request = given;
  take_environment(request);
  if (request.network.empty()) request.network = engine.config().default_network;
  validate(request, engine.impl().host());
  return request;
}

// The lock comes before the row: whoever finds a row whose lock is free knows that its maker is gone.
Created create(Engine& engine, const ContainerRequest& given) {
  ContainerRequest request = complete_request(engine, given);
  std::string id = random_hex(64);
  Places places = places_of(engine.config(), id, !request.remove);
  std::optional<ContainerLock> lock = ContainerLock::try_take(places);
  if (!lock) throw Error(ErrorKind::internal, "container id " + id + " is taken");
  try {
    NewContainer made = insert_container(engine.impl(), id, request);
    // Says now, not at the start, that there is nothing to run.
    image::ImageConfig config = image::parse_image_config(made.image.config_text, "the image's configuration");
    merge_process(config.config, request, "");
    return Created{std::move(made), places, std::move(*lock)};
  } catch (...) {
    remove_files(engine.impl(), places, *lock);
    delete_row(engine.impl(), id, !request.remove);
    throw;
  }
}

std::unique_ptr<Session> launch_container(Engine& engine, const Container& container,
                                          const image::Store::Runnable& image, const Places& places, ContainerLock lock,
                                          const StartOptions& options) {
  std::string layers = engine.impl().store().layers_path();
  try {
    Launched launched =
        launch(engine.impl(), LaunchRequest{container, image, places, std::move(lock), layers, options});
    if (!options.attach) return nullptr;
    return make_monitor_session(std::move(launched));
  } catch (...) {
    if (!container.kept) delete_row(engine.impl(), container.id, false);
    throw;
  }
}

}  // namespace

std::string create_container(Engine& engine, const ContainerRequest& request) {
  settle_strays(engine.impl());
  return create(engine, request).made.container.id;
}

std::unique_ptr<Session> run_container(Engine& engine, const ContainerRequest& request, const StartOptions& options,
                                       std::string& id) {
  Created created = create(engine, request);
  id = created.made.container.id;
  return launch_container(engine, created.made.container, created.made.image, created.places, std::move(created.lock),
                          options);
}

std::unique_ptr<Session> start_container(Engine& engine, const std::string& name, const StartOptions& options) {
  Container container = get_container(engine.impl(), name);
  Places places = places_of(engine.config(), container.id, container.kept);
  // One that has just ended, or failed to start, is still being cleaned up: that takes a moment.
  if (!wait_while_starting(places).running()) wait_until_unattended(places);
  std::optional<ContainerLock> lock = ContainerLock::try_take(places);
  if (!lock) throw Error(ErrorKind::busy, "container " + name + " is running already");
  settle_locked(engine.impl(), places, *lock);
  image::Store::Runnable image = engine.impl().store().get_runnable(container.image_id);
  return launch_container(engine, container, image, places, std::move(*lock), options);
}

int exit_code_of(const Error& error) noexcept {
  constexpr int kOurs = 125;
  const auto* program = dynamic_cast<const ProgramError*>(&error);
  return program != nullptr ? program->exit_code() : kOurs;
}

}  // namespace crun
