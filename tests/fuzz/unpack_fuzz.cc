// Any bytes as a layer: unpacked, recorded, and made again. Nothing may be written beside the folder, what unpacks must
// come back byte for byte from its record, and its canonical tar must unpack to the same digest.
//
// meson setup build-fuzz -Dfuzz=true with CC=clang CXX=clang++; then
// tests/fuzz/make-corpus SEEDS && build-fuzz/tests/fuzz/unpack_fuzz -max_len=16384 NEW SEEDS
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/dir.h"
#include "crun/error.h"
#include "image/layer/diff.h"
#include "image/layer/digest.h"
#include "image/layer/record.h"
#include "image/layer/unpack.h"

namespace {

using namespace crun;
using namespace crun::layer;

class Pieces : public ByteSource {
 public:
  Pieces(std::string_view text, size_t piece) : text_(text), piece_(piece) {}
  std::string_view next() override {
    current_ = std::string(text_.substr(0, piece_));
    text_.remove_prefix(current_.size());
    return current_;
  }
  uint64_t consumed() const override { return 1 << 20; }

 private:
  std::string_view text_;
  size_t piece_;
  std::string current_;
};

struct Work {
  Work() {
    const char* base = getenv("TMPDIR");
    std::string name = std::string(base != nullptr ? base : "/tmp") + "/unpack-fuzz.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) abort();
    outer = Dir::open(name);
  }
  Dir fresh(const char* name) {
    outer.remove_tree(name);
    return outer.make_dirs(name, 0700);
  }
  Dir outer;
};

void expect(bool holds) {
  if (!holds) abort();
}

UnpackOptions small_limits(TarRecorder* recorder) {
  UnpackOptions options;
  options.limits.entries = 500;
  options.limits.bytes = 1 << 20;
  options.recorder = recorder;
  return options;
}

void check_again(std::string_view tar, const Dir& root, int record, const UnpackResult& result, Work& work) {
  StringSink again;
  reassemble_tar(record, root, again);
  expect(again.text == tar);
  StringSink canonical;
  write_layer_tar(root, canonical);
  Dir second = work.fresh("second");
  Pieces source(canonical.text, 4096);
  UnpackResult other = unpack_layer(source, second, small_limits(nullptr));
  expect(other.diff_id == layer_digest(second).diff_id);
  expect(result.diff_id == sha256_digest(tar));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Work work;
  if (size == 0) return 0;
  size_t piece = 1 + data[0] * size_t{8};
  std::string_view tar(reinterpret_cast<const char*>(data) + 1, size - 1);
  Dir root = work.fresh("root");
  Fd record(memfd_create("record", MFD_CLOEXEC));
  try {
    TarRecorder recorder(record.get());
    Pieces source(tar, piece);
    UnpackResult result = unpack_layer(source, root, small_limits(&recorder));
    if (result.self_contained) check_again(tar, root, record.get(), result, work);
  } catch (const Error& error) {
    expect(error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::system);
  }
  for (const std::string& name : work.outer.list()) expect(name == "root" || name == "second");
  return 0;
}
