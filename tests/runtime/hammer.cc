// hammer ROOTFS STATE_ROOT COUNT [THREADS]: creates COUNT containers by the library, while THREADS threads (8) allocate
// without a pause. An allocation, or its end, in a process that is not this one aborts it: between clone3 and execve
// there must be none. `hammer --trap` shows that the trap would spring: it allocates in a forked child, and succeeds if
// that aborts.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include "crun/runtime.h"
#include "libcrun/spec/default_spec.h"

namespace {

pid_t allowed = 0;  // 0: nobody is trapped yet

void trap() {
  if (allowed == 0 || getpid() == allowed) return;
  constexpr char kText[] = "hammer: allocation in the child\n";
  [[maybe_unused]] ssize_t written = write(STDERR_FILENO, kText, sizeof kText - 1);
  abort();
}

}  // namespace

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void __libc_free(void* block);

void* malloc(size_t size) {
  trap();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  trap();
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  trap();
  return __libc_realloc(old, size);
}
void free(void* block) {
  trap();
  __libc_free(block);
}

}  // extern "C"

namespace {

int spring_the_trap() {
  allowed = getpid();
  pid_t child = fork();
  if (child == 0) {
    volatile char* block = static_cast<char*>(malloc(1));
    _exit(block == nullptr ? 2 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  bool sprang = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  puts(sprang ? "the trap springs" : "the trap does not spring");
  return sprang ? 0 : 1;
}

void allocate(const std::atomic<bool>& go_on) {
  // Of this thread alone: they are to be in malloc at any moment, not to keep the containers from the processors.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
  std::vector<void*> blocks(64);
  for (size_t i = 0; go_on; ++i) {
    void*& block = blocks[i % blocks.size()];
    free(block);
    block = malloc(1 + i * 7919 % 100000);
  }
  for (void* block : blocks) free(block);
}

crun::spec::Spec spec_for(const char* rootfs) {
  crun::spec::Spec spec = crun::spec::default_spec();
  spec.root.path = rootfs;
  spec.root.readonly = false;
  spec.process->terminal = false;
  spec.process->args = {"/bin/true"};
  return spec;
}

void run_one(const crun::Runtime& runtime, const crun::spec::Spec& spec, int number) {
  crun::CreateRequest request;
  request.id = "hammer-" + std::to_string(number);
  request.bundle = spec.root.path;
  request.spec = &spec;
  crun::PreparedProcess process = runtime.create(request);
  process.start();
  crun::UnreapedProcess unreaped = process.release();
  int status = 0;
  waitpid(unreaped.pid, &status, 0);
  runtime.remove(request.id, true);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw crun::Error(crun::ErrorKind::internal, "container " + request.id + " ended with " + std::to_string(status));
  }
}

int hammer(const char* rootfs, const char* state_root, int count, int threads) {
  crun::Runtime runtime(state_root);
  crun::spec::Spec spec = spec_for(rootfs);
  allowed = getpid();
  std::atomic<bool> go_on = true;
  std::vector<std::thread> hammers;
  for (int i = 0; i < threads; ++i) hammers.emplace_back(allocate, std::cref(go_on));
  int result = 0;
  auto begin = std::chrono::steady_clock::now();
  try {
    for (int i = 0; i < count; ++i) run_one(runtime, spec, i);
  } catch (const crun::Error& error) {
    fprintf(stderr, "hammer: %s\n", error.what());
    result = 1;
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  go_on = false;
  for (std::thread& thread : hammers) thread.join();
  if (result == 0) printf("%d containers in %.1f s beside %d threads\n", count, took.count(), threads);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && strcmp(argv[1], "--trap") == 0) return spring_the_trap();
  if (argc < 4) {
    fputs("usage: hammer ROOTFS STATE_ROOT COUNT [THREADS]\n", stderr);
    return 64;
  }
  return hammer(argv[1], argv[2], atoi(argv[3]), argc > 4 ? atoi(argv[4]) : 8);
}
