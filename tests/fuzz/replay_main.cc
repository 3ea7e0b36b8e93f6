// Runs a fuzz target over its corpus without libFuzzer: as a unit test, with any compiler.
#include <cstdint>
#include <cstdio>
#include <string>

#include "base/dir.h"
#include "base/file.h"
#include "crun/error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int count, char** arguments) {
  if (count != 2) return 64;
  try {
    crun::Dir corpus = crun::Dir::open(arguments[1]);
    size_t run = 0;
    for (const std::string& name : corpus.list()) {
      std::string text = corpus.read_file(name, 1 << 20);
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
      ++run;
    }
    std::printf("%zu inputs\n", run);
    return run == 0 ? 1 : 0;
  } catch (const crun::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
