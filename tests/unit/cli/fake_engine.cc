#include "fake_engine.h"

#include <fmt/format.h>

using namespace crun;

FakeEngine fake;

namespace {

class FakeSession : public Session {
 public:
  Outcome relay(const Relay& relay) override {
    fake.relay = relay;
    return {.exit_code = 42};
  }
  void resize(unsigned short, unsigned short) override {}
};

void must_exist(const std::string& name) {
  if (name == "missing") throw Error(ErrorKind::not_found, "no container is called 'missing'");
}

}  // namespace

namespace crun {

class Engine::Impl {};
Engine::Engine(EngineConfig) {}
Engine::~Engine() = default;

std::string engine_info(Engine&) {
  return R"({"Containers":3,"MemTotal":2097152000,"SecurityOptions":["seccomp","cgroupns"],"Warnings":[]})";
}

std::string create_container(Engine&, const ContainerRequest& request) {
  fake.request = request;
  return "0123456789ab";
}

std::unique_ptr<Session> run_container(Engine&, const ContainerRequest& request, const StartOptions& options,
                                       std::string& id) {
  fake.request = request;
  fake.start = options;
  id = "0123456789ab";
  if (request.image == "missing") throw Error(ErrorKind::not_found, "no image is called 'missing'");
  if (!request.command.empty() && request.command[0] == "no-such-command")
    throw SysError(ENOENT, "starting no-such-command");
  return options.attach ? std::make_unique<FakeSession>() : nullptr;
}

int exit_code_of(const Error& error) noexcept { return dynamic_cast<const SysError*>(&error) != nullptr ? 127 : 125; }

void check_detach_keys(const std::string& keys) {
  if (keys == "bogus") throw Error(ErrorKind::invalid, "detach keys 'bogus'");
}

std::unique_ptr<Session> start_container(Engine&, const std::string& name, const StartOptions& options) {
  must_exist(name);
  fake.calls.push_back("start " + name);
  return options.attach ? std::make_unique<FakeSession>() : nullptr;
}

std::unique_ptr<Session> exec_container(Engine&, const std::string& name, const ContainerExecRequest& request) {
  must_exist(name);
  fake.exec_request = request;
  return request.detach ? nullptr : std::make_unique<FakeSession>();
}

std::vector<ContainerSummary> list_containers(Engine&, const ContainerFilter&) { return fake.containers; }
std::string inspect_container(Engine&, const std::string& name) {
  must_exist(name);
  return R"({"Id":"abc","Config":{"Tty":false}})";
}
void stop_container(Engine&, const std::string& name, std::optional<unsigned> timeout, const std::string& signal) {
  must_exist(name);
  fake.calls.push_back(
      fmt::format("stop {} {}{}", name, timeout ? std::to_string(*timeout) : "-", signal.empty() ? "" : " " + signal));
}
void kill_container(Engine&, const std::string& name, const std::string& signal) {
  must_exist(name);
  fake.calls.push_back(fmt::format("kill {} {}", name, signal));
}
void remove_container(Engine&, const std::string& name, const RemoveOptions& options) {
  must_exist(name);
  fake.calls.push_back(fmt::format("rm {} {}", name, options.force));
}
int wait_container(Engine&, const std::string&) { return 3; }
void copy_logs(Engine&, const std::string&, const LogRequest& request, int, int) { fake.log_request = request; }

std::vector<ImageSummary> list_images(Engine&, const ImageFilter&) { return fake.images; }
std::string inspect_image(Engine&, const std::string& name) {
  if (name == "missing") throw Error(ErrorKind::not_found, "no image is called 'missing'");
  return R"({"Id":"sha256:abc"})";
}
void tag_image(Engine&, const std::string&, const std::string&) {}
RemovedImage remove_image(Engine&, const std::string&, bool) { return {{"hello:latest"}, {"sha256:abc"}}; }
std::vector<LoadedImage> load_images(Engine&, int) { return {}; }
void save_images(Engine&, const std::vector<std::string>&, ArchiveFormat, int) {}
std::string import_image(Engine&, const ImportRequest&) { return "sha256:abc"; }
BuildResult build_image(Engine&, const BuildRequest& request) {
  fake.build_request = request;
  return {0, "sha256:abc"};
}

}  // namespace crun
