#include "image/build/progress.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace crun::build {
namespace {

constexpr size_t kKeptLines = 20;
constexpr size_t kHeld = 1 << 20;          // bytes of a quiet build's output
constexpr size_t kLongestLine = 64 << 10;  // what has no line end by then is shown as it is

int64_t monotonic_nanoseconds() {
  struct timespec now {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

}  // namespace

void Progress::line(std::string_view text) {
  std::string all = std::string(text) + "\n";
  if (!quiet_) return write_out(all);
  held_ += all;
  if (held_.size() > 2 * kHeld) held_.erase(0, held_.size() - kHeld);
}

// A progress line that cannot be written (stderr is closed) must not end a build.
void Progress::write_out(std::string_view text) const {
  while (!text.empty()) {
    ssize_t count = write(fd_, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    text.remove_prefix(static_cast<size_t>(count));
  }
}

void Progress::show_held() {
  write_out(held_);
  held_.clear();
  quiet_ = false;
}

std::string Progress::seconds() const {
  return fmt::format("{:.3f}", static_cast<double>(monotonic_nanoseconds() - started_) / 1e9);
}

void Progress::begin(const std::string& title) {
  title_ = title;
  partial_.clear();
  last_lines_.clear();
  started_ = monotonic_nanoseconds();
  ++number_;
  line(fmt::format("#{} {}", number_, title));
}

void Progress::cached() { line(fmt::format("#{} CACHED\n", number_)); }

void Progress::done() {
  line(fmt::format("#{} DONE {:.1f}s\n", number_, static_cast<double>(monotonic_nanoseconds() - started_) / 1e9));
}

void Progress::failed(std::string_view why) { line(fmt::format("#{} ERROR: {}\n", number_, why)); }

void Progress::note(std::string_view text) { line(text); }

void Progress::output(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t end = bytes.find('\n');
    partial_ += bytes.substr(0, end);
    if (end == std::string_view::npos) {
      if (partial_.size() > kLongestLine) end_output();
      return;
    }
    bytes.remove_prefix(end + 1);
    output_line(partial_);
    partial_.clear();
  }
}

void Progress::end_output() {
  if (!partial_.empty()) output_line(partial_);
  partial_.clear();
}

void Progress::output_line(std::string_view text) {
  // What rewrites its line (a progress bar) ends up with its last state.
  while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  size_t rewritten = text.rfind('\r');
  if (rewritten != std::string_view::npos) text.remove_prefix(rewritten + 1);
  std::string stamped = seconds() + " " + std::string(text);
  line(fmt::format("#{} {}", number_, stamped));
  last_lines_.push_back(std::move(stamped));
  if (last_lines_.size() > kKeptLines) last_lines_.pop_front();
}

}  // namespace crun::build
