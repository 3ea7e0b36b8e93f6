// libcrun in a program of one's own: runs a bundle, executes a second program in it, reads what it uses, removes it.
//   make && sudo ./embed BUNDLE COMMAND [ARGUMENT...]
#include <crun/runtime.h>
#include <libcrun/spec/parse.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <sstream>

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw crun::SysError(ENOENT, "opening " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The process is our child: who releases it reaps it.
int wait_for(crun::PreparedProcess process) {
  crun::UnreapedProcess child = process.release();
  int status = 0;
  waitpid(child.pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void print_stats(const crun::ContainerStats& stats) {
  std::printf("processes: %llu\n", static_cast<unsigned long long>(stats.pids.current.value_or(0)));
  std::printf("cpu: %llu us\n", static_cast<unsigned long long>(stats.cpu.usage.value_or(0)));
  std::printf("memory: %llu bytes\n", static_cast<unsigned long long>(stats.memory.current.value_or(0)));
}

// Whatever happens in between, the container is gone at the end: killed, its cgroup and its state removed.
class Removal {
 public:
  Removal(const crun::Runtime& runtime, std::string id) : runtime_(runtime), id_(std::move(id)) {}
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;
  ~Removal() {
    try {
      runtime_.remove(id_, true);
    } catch (const crun::Error& error) {
      std::fprintf(stderr, "embed: %s\n", error.what());
    }
  }

 private:
  const crun::Runtime& runtime_;
  std::string id_;
};

int embed(const std::string& bundle, const std::vector<std::string>& command) {
  const std::string id = "embedded";
  crun::Runtime runtime(crun::RuntimeConfig{"/run/embed-example", crun::CgroupManager::cgroupfs});
  crun::spec::Spec spec = crun::spec::parse(read_text(bundle + "/config.json"), "config.json");

  crun::CreateRequest request;
  request.id = id;
  request.bundle = bundle;
  request.spec = &spec;
  request.io.stdio = {-1, 1, 2};  // nothing to read; our own output
  Removal removal(runtime, id);
  crun::PreparedProcess first = runtime.create(request);
  first.start();
  std::printf("state: %s, pid %d\n", std::string(crun::status_name(runtime.state(id).status)).c_str(), first.pid());
  std::fflush(stdout);

  crun::spec::Process process = *spec.process;
  process.args = command;
  crun::ExecRequest exec;
  exec.process = &process;
  crun::PreparedProcess second = runtime.exec(id, exec);
  second.start();
  std::printf("exec: exit code %d\n", wait_for(std::move(second)));

  print_stats(runtime.stats(id));
  runtime.kill(id, SIGKILL);
  std::printf("first: exit code %d\n", wait_for(std::move(first)));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: embed BUNDLE COMMAND [ARGUMENT...]\n");
    return 64;
  }
  try {
    return embed(argv[1], {argv + 2, argv + argc});
  } catch (const crun::ProgramError& error) {
    std::fprintf(stderr, "embed: %s\n", error.what());
    return error.exit_code();
  } catch (const crun::Error& error) {
    std::fprintf(stderr, "embed: %s\n", error.what());
    return 1;
  }
}
