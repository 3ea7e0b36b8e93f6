// libexec/monitor/log_writer: what ctr-monitor writes, read back by the engine's reader.
#include "libexec/monitor/log_writer.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/dir.h"
#include "engine/log/entry.h"

using namespace crun;
using monitor::LogWriter;
using monitor::Stream;

namespace {

struct Folder {
  char path[32] = "/tmp/log_writer_test.XXXXXX";
  Dir dir;
  Folder() {
    REQUIRE(mkdtemp(path) != nullptr);
    dir = Dir::open(path);
  }
  ~Folder() { Dir::open("/tmp").remove_tree(path + 5); }
  std::vector<engine::LogEntry> entries(const std::string& name = "log.json") const {
    std::vector<engine::LogEntry> result;
    if (!dir.find_stat(name)) return result;
    std::string text = dir.read_file(name, 64 << 20);
    for (size_t start = 0; start < text.size();) {
      size_t end = text.find('\n', start);
      std::optional<engine::LogEntry> entry = engine::parse_log_line(text.substr(start, end - start));
      REQUIRE(entry.has_value());
      result.push_back(*entry);
      start = end == std::string::npos ? text.size() : end + 1;
    }
    return result;
  }
};

constexpr int64_t kTime = 1'732'089'117'000'000'001;  // 2024-11-20T07:51:57.000000001Z

void write(LogWriter& writer, const std::string& text, Stream stream = Stream::standard_output) {
  writer.write(stream, text.data(), static_cast<uint32_t>(text.size()), kTime);
}

}  // namespace

TEST_CASE("an entry is docker's, to the byte") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 0, 1);
  CHECK_FALSE(folder.dir.find_stat("log.json"));
  write(writer, "hello \"world\"\\\t\x01\n", Stream::standard_error);
  writer.flush();
  CHECK(folder.dir.read_file("log.json", 4096) ==
        "{\"log\":\"hello \\\"world\\\"\\\\\\t\\u0001\\n\",\"stream\":\"stderr\",\"time\":"
        "\"2024-11-20T07:51:57.000000001Z\"}\n");
}

TEST_CASE("UTF-8 stays, what is not becomes U+FFFD") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 0, 1);
  write(writer, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n");
  write(writer, "\xff\xc3(\xed\xa0\x80\xf5\x80\xc0\xaf\n");
  writer.flush();
  auto entries = folder.entries();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].text == "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n");
  const std::string bad = "\xef\xbf\xbd";
  CHECK(entries[1].text == bad + bad + "(" + bad + bad + bad + bad + bad + bad + bad + "\n");
}

TEST_CASE("a character that is not whole yet is left for later") {
  CHECK(monitor::whole_characters("ab\xe2\x82", 4) == 2);
  CHECK(monitor::whole_characters("ab\xe2\x82\xac", 5) == 5);
  CHECK(monitor::whole_characters("ab\xf0\x9f\x98", 5) == 2);
  CHECK(monitor::whole_characters("ab\xff", 3) == 3);
  CHECK(monitor::whole_characters("ab\x82\x82\x82\x82", 6) == 6);
  CHECK(monitor::whole_characters("", 0) == 0);
}

TEST_CASE("entries longer than the buffer come out whole") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 0, 1);
  std::string line(16384, '\x02');  // six bytes each in JSON
  write(writer, line);
  write(writer, "after\n");
  writer.flush();
  auto entries = folder.entries();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].text == line);
  CHECK(entries[1].text == "after\n");
}

TEST_CASE("files rotate by size and the oldest goes") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 300, 3);
  for (int i = 0; i < 40; ++i) {
    write(writer, "line " + std::to_string(i) + "\n");
    writer.flush();
  }
  CHECK(folder.dir.list().size() == 3);
  auto newest = folder.entries();
  auto older = folder.entries("log.json.1");
  auto oldest = folder.entries("log.json.2");
  CHECK(newest.back().text == "line 39\n");
  REQUIRE_FALSE(older.empty());
  REQUIRE_FALSE(oldest.empty());
  size_t total = newest.size() + older.size() + oldest.size();
  CHECK(oldest.front().text == "line " + std::to_string(40 - total) + "\n");
  struct stat status {};
  REQUIRE(fstatat(folder.dir.fd(), "log.json.1", &status, 0) == 0);
  CHECK(status.st_size < 300 + 100);
}

TEST_CASE("one file alone starts anew") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 200, 1);
  for (int i = 0; i < 20; ++i) {
    write(writer, "line " + std::to_string(i) + "\n");
    writer.flush();
  }
  CHECK(folder.dir.list().size() == 1);
  CHECK(folder.entries().back().text == "line 19\n");
}

TEST_CASE("a log goes on after a half written entry") {
  Folder folder;
  folder.dir.replace_file("log.json", "{\"log\":\"cut o", 0600, false);
  LogWriter writer;
  writer.configure(folder.dir.fd(), 0, 1);
  write(writer, "next\n");
  writer.flush();
  std::string text = folder.dir.read_file("log.json", 4096);
  CHECK_FALSE(engine::parse_log_line(text.substr(0, text.find('\n'))));
  CHECK(engine::parse_log_line(text.substr(text.find('\n') + 1))->text == "next\n");
}

TEST_CASE("where there is no room, whole entries stay, losses are counted and told") {
  Folder folder;
  LogWriter writer;
  writer.configure(folder.dir.fd(), 0, 1);
  // RLIMIT_FSIZE makes write(2) fail as a full disk does: short first, then with an error.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 1000;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  for (int i = 0; i < 50; ++i) write(writer, "line " + std::to_string(i) + "\n");
  writer.flush();
  size_t kept = folder.entries().size();
  CHECK(kept > 5);
  CHECK(folder.entries().back().text == "line " + std::to_string(kept - 1) + "\n");
  CHECK(writer.lost_lines() == 50 - kept);
  write(writer, std::string(3000, 'x') + "\n");
  writer.flush();
  CHECK(writer.lost_lines() == 51 - kept);
  CHECK(writer.lost_bytes() == (40 - (kept - 10)) * 8 + 3001);
  CHECK(folder.entries().size() == kept);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
  write(writer, "room again\n");
  writer.flush();
  auto entries = folder.entries();
  REQUIRE(entries.size() == kept + 2);
  CHECK(entries[kept].text.find("[ctr: " + std::to_string(51 - kept) + " lines (") == 0);
  CHECK(entries[kept].stream == 2);
  CHECK(entries.back().text == "room again\n");
}
