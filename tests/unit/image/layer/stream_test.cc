#include <doctest/doctest.h>
#include <isa-l/igzip_lib.h>
#include <sys/mman.h>
#include <zstd.h>

#include "base/file.h"
#include "image/layer/ahead.h"
#include "image/layer/digest.h"
#include "tests/unit/image/layer/layer_fixture.h"

using namespace crun;
using namespace crun::layer;

namespace {

std::string gzip(const std::string& text) {
  std::string out(text.size() + 1000, '\0');
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uint32_t>(text.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  REQUIRE(isal_deflate(&stream) == COMP_OK);
  out.resize(stream.total_out);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1));
  return out;
}

std::string read_all(const std::string& file, ByteSink* raw = nullptr) {
  Fd fd(memfd_create("stream", MFD_CLOEXEC));
  write_all(fd.get(), file, "test");
  auto source = open_inflated(Extent{fd.get(), true, 0, UINT64_MAX}, raw);
  std::string text;
  for (std::string_view bytes = source->next(); !bytes.empty(); bytes = source->next()) text += bytes;
  CHECK(source->next().empty());
  return text;
}

std::string text_of(size_t size) {
  std::string text;
  for (size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

}  // namespace

TEST_CASE("stream: plain, gzip and zstd, in any number of pieces") {
  std::string a = text_of(3'000'000);
  std::string b = text_of(10);
  for (const auto& pack : {gzip, zstd}) {
    CHECK(read_all(pack(a)) == a);
    CHECK(read_all(pack(b)) == b);
    CHECK(read_all(pack("")).empty());
    CHECK(read_all(pack(a) + pack(b) + pack("") + pack(a)) == a + b + a);
  }
  CHECK(read_all(a) == a);
  CHECK(read_all("").empty());
  CHECK(read_all(gzip(a) + std::string(5000, '\0')) == a);
  std::string skippable("\x50\x2a\x4d\x18\x04\0\0\0abcd", 12);
  CHECK(read_all(skippable + zstd(a) + skippable) == a);
}

TEST_CASE("stream: the compressed bytes are told as they are") {
  std::string file = gzip(text_of(1'000'000));
  Sha256 raw;
  read_all(file, &raw);
  CHECK(raw.digest() == sha256_digest(file));
}

TEST_CASE("stream: damaged and cut input is refused") {
  std::string a = text_of(1'000'000);
  for (const auto& pack : {gzip, zstd}) {
    std::string file = pack(a);
    for (size_t cut : {size_t{7}, file.size() / 2, file.size() - 1}) {
      CHECK_THROWS_WITH_AS(read_all(file.substr(0, cut)), doctest::Contains("it ends early"), Error);
    }
    CHECK_THROWS_AS(read_all(file + "garbage"), Error);
  }
  std::string wrong = gzip(a);
  wrong[wrong.size() - 6] ^= 1;  // the checksum
  CHECK_THROWS_WITH_AS(read_all(wrong), doctest::Contains("checksum mismatch"), Error);
  CHECK_THROWS_WITH_AS(read_all("BZh91AY"), doctest::Contains("bzip2"), Error);
  CHECK_THROWS_WITH_AS(read_all(std::string("\xfd"
                                            "7zXZ\0x",
                                            7)),
                       doctest::Contains("xz"), Error);
}

TEST_CASE("stream: a window of gigabytes is refused") {
  // Frame header: no single segment, window descriptor for 2 GiB (RFC 8878, 3.1.1.1.2).
  std::string frame("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9);
  CHECK_THROWS_AS(read_all(frame), Error);
}

TEST_CASE("stream: read ahead, the bytes and the error are the same") {
  std::string a = text_of(5'000'000);
  std::string file = gzip(a);
  for (bool cut : {false, true}) {
    Fd fd(memfd_create("stream", MFD_CLOEXEC));
    write_all(fd.get(), cut ? file.substr(0, file.size() - 5) : file, "test");
    auto source = read_ahead(open_inflated(Extent{fd.get(), true, 0, UINT64_MAX}));
    CHECK(source->is_inflated());
    std::string text;
    std::string failure;
    try {
      for (std::string_view bytes = source->next(); !bytes.empty(); bytes = source->next()) text += bytes;
      CHECK(source->next().empty());
      CHECK(source->consumed() == file.size());
    } catch (const Error& error) {
      failure = error.text();
    }
    CHECK((failure.find("it ends early") != std::string::npos) == cut);
    CHECK((text == a || cut));
  }
  // Dropped early.
  Fd fd(memfd_create("stream", MFD_CLOEXEC));
  write_all(fd.get(), file, "test");
  auto source = read_ahead(open_inflated(Extent{fd.get(), true, 0, UINT64_MAX}));
  CHECK_FALSE(source->next().empty());
}
