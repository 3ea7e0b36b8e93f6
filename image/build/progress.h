// What a person sees of a build: lines as BuildKit's plain progress has them, on stderr.
//
//   #3 [builder 2/4] RUN make
//   #3 0.412 cc -o app app.c
//   #3 DONE 1.3s
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace crun::build {

class Progress {
 public:
  // fd: borrowed. quiet: what would be written is held back, for show_held().
  Progress(int fd, bool quiet) : fd_(fd), quiet_(quiet) {}

  // Begins a step. title: "[builder 2/4] RUN make".
  void begin(const std::string& title);
  void cached();  // ends it
  void done();    // ends it
  void failed(std::string_view why);
  // Output of the step's command, in pieces as it comes. From another thread than the rest, while a step runs.
  void output(std::string_view bytes);
  // The step's output so far is complete: a last line without its end is shown too.
  void end_output();
  void note(std::string_view text);  // a line of its own: a warning
  // A quiet build has failed: what was held back is shown (the last megabyte of it), and what follows is not held back.
  void show_held();

  // The step's last lines of output, for the error: "0.412 cc -o app app.c".
  const std::deque<std::string>& last_lines() const noexcept { return last_lines_; }
  const std::string& title() const noexcept { return title_; }

 private:
  void line(std::string_view text);
  void write_out(std::string_view text) const;
  void output_line(std::string_view text);
  std::string seconds() const;

  int fd_;
  bool quiet_;
  std::string held_;
  int number_ = 0;
  int64_t started_ = 0;  // monotonic nanoseconds
  std::string title_;
  std::string partial_;  // a line whose end has not come yet
  std::deque<std::string> last_lines_;
};

}  // namespace crun::build
