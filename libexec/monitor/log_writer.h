// docker's json-file log, without a heap: {"log":"text\n","stream":"stdout","time":"2026-11-20T07:11:57.000000001Z"}.
#pragma once

#include <cstdint>

namespace crun::monitor {

enum class Stream : uint8_t { standard_output = 1, standard_error = 2 };

// All zero before configure(), so that it lies in .bss.
class LogWriter {
 public:
  // folder: borrowed, holds the log files; -1: nothing is kept. max_size: bytes, 0 for no bound. max_files: at least 1.
  void configure(int folder, uint64_t max_size, uint32_t max_files) noexcept;

  // One entry. text: without JSON's escapes, with its newline where it has one; of any bytes (those that are not UTF-8
  // become U+FFFD). It is in the file after the next flush(). On a full disk it is counted as lost, and the count is
  // written as an entry of its own as soon as there is room.
  void write(Stream stream, const char* text, uint32_t size, int64_t unix_nanoseconds) noexcept;
  void flush() noexcept;

  uint64_t lost_lines() const noexcept { return total_lost_lines_; }
  uint64_t lost_bytes() const noexcept { return total_lost_bytes_; }

 private:
  bool ready() noexcept;
  void open_file() noexcept;
  void rotate() noexcept;
  bool write_notice(int64_t unix_nanoseconds) noexcept;
  void put_entry(Stream stream, const char* text, uint32_t size, int64_t unix_nanoseconds) noexcept;
  void put(const char* bytes, uint32_t size) noexcept;
  void put_text(const char* text) noexcept;
  void put_escaped(const char* text, uint32_t size) noexcept;
  void put_number(uint64_t value, unsigned digits) noexcept;
  void put_time(int64_t unix_nanoseconds) noexcept;
  void drain() noexcept;
  void give_up(uint32_t done) noexcept;
  void count_lost(uint64_t bytes) noexcept;  // of one line

  static constexpr uint32_t kBufferSize = 4096;

  int folder_ = 0;
  int file_ = 0;
  uint64_t max_size_ = 0;
  uint32_t max_files_ = 0;
  uint64_t size_ = 0;              // of the file
  uint64_t whole_ = 0;             // of the file up to the last entry that is there wholly
  uint32_t used_ = 0;              // of buffer_
  uint32_t boundary_ = 0;          // in buffer_: behind its last whole entry; 0: none ends in it
  uint32_t buffered_entries_ = 0;  // that end in buffer_
  bool broken_ = false;            // the entry that is being put has lost a part
  uint64_t lost_lines_ = 0;        // not told in the log yet
  uint64_t lost_bytes_ = 0;
  uint64_t total_lost_lines_ = 0;
  uint64_t total_lost_bytes_ = 0;
  uint16_t entry_sizes_[kBufferSize / 64] = {};  // of each of those: an empty one takes 65 bytes there
  char buffer_[kBufferSize] = {};
};

// How many of the first `size` bytes can be logged now: less than `size` where the last bytes begin a UTF-8 character
// that is not whole yet.
uint32_t whole_characters(const char* text, uint32_t size) noexcept;

}  // namespace crun::monitor
