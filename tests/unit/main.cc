#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

int main(int argc, char** argv) {
  doctest::Context context;
  // Set by tools/meson-tap for all programs of a suite: some of them are not doctest's and take no such option.
  if (const char* reporter = std::getenv("CTR_TEST_REPORTER")) context.setOption("reporters", reporter);
  context.applyCommandLine(argc, argv);
  return context.run();
}
