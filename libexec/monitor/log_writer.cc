#include "libexec/monitor/log_writer.h"

#include <linux/fcntl.h>
#include <linux/fs.h>

#include "engine/monitor/protocol.h"
#include "libexec/freestanding/start.h"
#include "libexec/freestanding/system_call.h"

namespace crun::monitor {
namespace {

using freestanding::call;

constexpr long kEintr = -4;
constexpr int64_t kNano = 1'000'000'000;

// Length of the valid UTF-8 character at the front of text: 1 to 4; 0 where there is none; -1 where it may become one
// with the bytes to come. Source: RFC 3629 section 4 (no overlong forms, no surrogates, nothing above U+10FFFF).
int character_length(const unsigned char* text, uint32_t size) noexcept {
  unsigned char first = text[0];
  if (first < 0x80) return 1;
  int length = first >= 0xc2 && first <= 0xdf   ? 2
               : first >= 0xe0 && first <= 0xef ? 3
               : first >= 0xf0 && first <= 0xf4 ? 4
                                                : 0;
  for (int i = 1; i < length; ++i) {
    if (static_cast<uint32_t>(i) == size) return -1;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (i == 1 && first == 0xe0) low = 0xa0;
    if (i == 1 && first == 0xed) high = 0x9f;
    if (i == 1 && first == 0xf0) low = 0x90;
    if (i == 1 && first == 0xf4) high = 0x8f;
    if (text[i] < low || text[i] > high) return 0;
  }
  return length;
}

// Days since 1970 -> year, month, day (proleptic Gregorian), by eras of 400 years that start on 1 March.
struct Date {
  uint64_t year, month, day;
};
Date date_of(uint64_t days) noexcept {
  uint64_t shifted = days + 719468;
  uint64_t era = shifted / 146097;
  uint64_t day_of_era = shifted % 146097;
  uint64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  uint64_t month_from_march = (5 * day_of_year + 2) / 153;
  Date date{};
  date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

// "log.json" for 0, "log.json.N" else.
struct LogName {
  char text[32];
  explicit LogName(uint32_t number) noexcept {
    unsigned long size = strlen(engine::kLogFile);
    memcpy(text, engine::kLogFile, size);
    if (number > 0) {
      char digits[10];
      int count = 0;
      for (; number > 0; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
      text[size++] = '.';
      while (count > 0) text[size++] = digits[--count];
    }
    text[size] = '\0';
  }
};

}  // namespace

uint32_t whole_characters(const char* text, uint32_t size) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  for (uint32_t back = 1; back <= 3 && back <= size; ++back) {
    unsigned char byte = bytes[size - back];
    if (byte < 0x80) return size;
    if (byte >= 0xc0) return character_length(bytes + size - back, back) < 0 ? size - back : size;
  }
  return size;
}

void LogWriter::configure(int folder, uint64_t max_size, uint32_t max_files) noexcept {
  folder_ = folder;
  file_ = -1;
  max_size_ = max_size;
  max_files_ = max_files == 0 ? 1 : max_files;
}

void LogWriter::write(Stream stream, const char* text, uint32_t size, int64_t unix_nanoseconds) noexcept {
  if (folder_ < 0) return;
  if (!ready() || (lost_lines_ > 0 && !write_notice(unix_nanoseconds))) {
    count_lost(size);
    return;
  }
  if (max_size_ != 0 && size_ + used_ >= max_size_) rotate();
  if (file_ < 0) {
    count_lost(size);
    return;
  }
  put_entry(stream, text, size, unix_nanoseconds);
}

void LogWriter::put_entry(Stream stream, const char* text, uint32_t size, int64_t unix_nanoseconds) noexcept {
  broken_ = false;
  put_text("{\"log\":\"");
  put_escaped(text, size);
  put_text(stream == Stream::standard_output ? "\",\"stream\":\"stdout\",\"time\":\""
                                             : "\",\"stream\":\"stderr\",\"time\":\"");
  put_time(unix_nanoseconds);
  put_text("\"}\n");
  if (broken_) {
    // What of it came after the failure is in the buffer still.
    used_ = boundary_ = 0;
    count_lost(size);
    broken_ = false;
    return;
  }
  boundary_ = used_;
  entry_sizes_[buffered_entries_++] = static_cast<uint16_t>(size);
}

void LogWriter::flush() noexcept {
  if (used_ > 0) drain();
  broken_ = false;
}

bool LogWriter::ready() noexcept {
  if (file_ < 0) open_file();
  return file_ >= 0;
}

// The log is made with the first output: a container that says nothing costs no file.
void LogWriter::open_file() noexcept {
  LogName name(0);
  long file = call(__NR_openat, folder_, name.text, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return;
  file_ = static_cast<int>(file);
  long end = call(__NR_lseek, file_, 0, 2);
  size_ = whole_ = end > 0 ? static_cast<uint64_t>(end) : 0;
  char last = '\n';
  bool cut = end > 0 && call(__NR_pread64, file_, &last, 1, end - 1) == 1 && last != '\n';
  // A monitor that was killed in the middle of an entry: the next one starts a line of its own.
  if (cut && call(__NR_write, file_, "\n", 1) == 1) whole_ = ++size_;
}

void LogWriter::rotate() noexcept {
  flush();
  if (file_ < 0 || size_ < max_size_) return;
  call(__NR_close, file_);
  file_ = -1;
  if (max_files_ == 1) {
    call(__NR_unlinkat, folder_, LogName(0).text, 0);
  }
  for (uint32_t number = max_files_ - 1; number > 0; --number) {
    call(__NR_renameat2, folder_, LogName(number - 1).text, folder_, LogName(number).text, 0);
  }
  open_file();
}

// Says what was lost. False where there is no room for it either.
bool LogWriter::write_notice(int64_t unix_nanoseconds) noexcept {
  flush();
  if (file_ < 0) return false;
  uint64_t lines = lost_lines_;
  broken_ = false;
  put_text("{\"log\":\"[ctr: ");
  put_number(lines, 0);
  put_text(" lines (");
  put_number(lost_bytes_, 0);
  put_text(" bytes) of output were lost here: the log could not be written]\\n\",\"stream\":\"stderr\",\"time\":\"");
  put_time(unix_nanoseconds);
  put_text("\"}\n");
  boundary_ = used_;
  drain();
  bool written = !broken_;
  broken_ = false;
  if (written) lost_lines_ = lost_bytes_ = 0;
  return written;
}

void LogWriter::put(const char* bytes, uint32_t size) noexcept {
  while (size > 0 && !broken_) {
    if (used_ == kBufferSize) drain();
    if (broken_) return;
    uint32_t part = kBufferSize - used_ < size ? kBufferSize - used_ : size;
    memcpy(buffer_ + used_, bytes, part);
    used_ += part;
    bytes += part;
    size -= part;
  }
}

void LogWriter::put_text(const char* text) noexcept { put(text, static_cast<uint32_t>(strlen(text))); }

void LogWriter::put_escaped(const char* text, uint32_t size) noexcept {
  constexpr char kHex[] = "0123456789abcdef";
  const auto* bytes = reinterpret_cast<const unsigned char*>(text);
  uint32_t plain = 0;  // start of what needs no escape
  for (uint32_t i = 0; i < size;) {
    unsigned char byte = bytes[i];
    int length = character_length(bytes + i, size - i);
    if (length >= 1 && byte >= 0x20 && byte != '"' && byte != '\\') {
      i += static_cast<uint32_t>(length);
      continue;
    }
    put(text + plain, i - plain);
    char escape[6] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    if (byte == '\n' || byte == '\r' || byte == '\t' || byte == '"' || byte == '\\') {
      escape[1] = static_cast<char>(byte == '\n' ? 'n' : byte == '\r' ? 'r' : byte == '\t' ? 't' : byte);
      put(escape, 2);
    } else if (length < 1) {
      put_text("\\ufffd");
    } else {
      put(escape, 6);
    }
    plain = ++i;
  }
  put(text + plain, size - plain);
}

// digits: padded with zeros to that many; 0: as many as it has.
void LogWriter::put_number(uint64_t value, unsigned digits) noexcept {
  char text[20];
  unsigned count = 0;
  do {
    text[19 - count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0 || count < digits);
  put(text + 20 - count, count);
}

void LogWriter::put_time(int64_t unix_nanoseconds) noexcept {
  auto seconds = static_cast<uint64_t>(unix_nanoseconds / kNano);
  Date date = date_of(seconds / 86400);
  put_number(date.year, 4);
  put_text("-");
  put_number(date.month, 2);
  put_text("-");
  put_number(date.day, 2);
  put_text("T");
  put_number(seconds / 3600 % 24, 2);
  put_text(":");
  put_number(seconds / 60 % 60, 2);
  put_text(":");
  put_number(seconds % 60, 2);
  put_text(".");
  put_number(static_cast<uint64_t>(unix_nanoseconds % kNano), 9);
  put_text("Z");
}

// Writes the buffer out, or gives up what is in it.
void LogWriter::drain() noexcept {
  uint32_t done = 0;
  while (done < used_) {
    long count = call(__NR_write, file_, buffer_ + done, used_ - done);
    if (count == kEintr) continue;
    if (count <= 0) {
      give_up(done);
      return;
    }
    done += static_cast<uint32_t>(count);
  }
  if (boundary_ > 0) whole_ = size_ + boundary_;
  size_ += used_;
  used_ = boundary_ = buffered_entries_ = 0;
}

// A full disk: the file keeps the whole entries of what was written, and nothing else.
void LogWriter::give_up(uint32_t done) noexcept {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < done; ++i) {
    if (buffer_[i] != '\n') continue;  // within an entry it is escaped
    whole_ = size_ + i + 1;
    ++kept;
  }
  call(__NR_ftruncate, file_, whole_);
  size_ = whole_;
  for (uint32_t i = kept; i < buffered_entries_; ++i) count_lost(entry_sizes_[i]);
  used_ = boundary_ = buffered_entries_ = 0;
  broken_ = true;
}

void LogWriter::count_lost(uint64_t bytes) noexcept {
  ++lost_lines_;
  lost_bytes_ += bytes;
  ++total_lost_lines_;
  total_lost_bytes_ += bytes;
}

}  // namespace crun::monitor
