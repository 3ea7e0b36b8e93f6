// A program of another's that starts containers by the engine's library, one after the other, and tells how many
// zombies it had at most: starter ROOT RUN-ROOT LIBEXEC IMAGE COUNT
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "crun/containers.h"

namespace {

// Children of ours that have ended and were not waited for.
int zombies() {
  int count = 0;
  std::string children = "/proc/self/task/" + std::to_string(getpid()) + "/children";
  std::ifstream list(children);
  if (!list) return 1000;  // nothing would be told
  for (int pid = 0; list >> pid;) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    stat >> number >> name >> state;
    count += state == "Z" ? 1 : 0;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 64;
  int most = 0;
  try {
    crun::Engine engine({argv[1], argv[2], argv[3], "none"});
    for (int i = 0; i < atoi(argv[5]); ++i) {
      crun::ContainerRequest request;
      request.image = argv[4];
      request.command = {"true"};
      request.remove = true;
      std::string id;
      crun::StartOptions options;
      options.attach = true;
      std::unique_ptr<crun::Session> session = crun::run_container(engine, request, options, id);
      most = std::max(most, zombies());
      if (session->relay({}).exit_code != 0) return 1;
    }
  } catch (const crun::Error& error) {
    fprintf(stderr, "starter: %s\n", error.text().c_str());
    return 1;
  }
  printf("at most %d\n", most);
  return 0;
}
