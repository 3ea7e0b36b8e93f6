// Tars as others write them, and as nobody should: block by block, so that a test says every byte.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "image/layer/stream.h"

namespace crun::layer {

enum class TarForm { v7, ustar, gnu };

struct TarMember {
  std::string name;
  char type = '0';
  std::string content = {};
  std::string link = {};
  unsigned mode = 0644;
  uint64_t uid = geteuid();  // no test needs root to give files away
  uint64_t gid = getegid();
  int64_t mtime = 1000000000;
  unsigned major = 0;
  unsigned minor = 0;
  int64_t size = -1;  // in the header, where it shall lie
};

class TarBuilder {
 public:
  explicit TarBuilder(TarForm form = TarForm::ustar) : form_(form) {}

  TarBuilder& add(const TarMember& member) {
    size_t size = member.size < 0 ? member.content.size() : static_cast<size_t>(member.size);
    std::string block(512, '\0');
    auto put = [&](size_t at, std::string_view text) { block.replace(at, text.size(), text); };
    put(0, std::string_view(member.name).substr(0, 100));
    put(100, fmt::format("{:07o}", member.mode));
    put(108, fmt::format("{:07o}", member.uid));
    put(116, fmt::format("{:07o}", member.gid));
    put(124, fmt::format("{:011o}", size));
    put(136, fmt::format("{:011o}", member.mtime));
    put(148, "        ");
    block[156] = member.type;
    put(157, std::string_view(member.link).substr(0, 100));
    if (form_ == TarForm::ustar) put(257, std::string_view("ustar\00000", 8));
    if (form_ == TarForm::gnu) put(257, std::string_view("ustar  \0", 8));
    if (form_ != TarForm::v7) {
      put(329, fmt::format("{:07o}", member.major));
      put(337, fmt::format("{:07o}", member.minor));
    }
    unsigned sum = 0;
    for (char byte : block) sum += static_cast<unsigned char>(byte);
    put(148, fmt::format("{:06o}", sum) + '\0' + ' ');
    text_ += block;
    return raw(member.content).pad();
  }

  TarBuilder& folder(const std::string& name, unsigned mode = 0755) { return add({name, '5', {}, {}, mode}); }
  TarBuilder& file(const std::string& name, const std::string& content, unsigned mode = 0644) {
    return add({name, '0', content, {}, mode});
  }
  TarBuilder& symlink(const std::string& name, const std::string& target) { return add({name, '2', {}, target, 0777}); }
  TarBuilder& hardlink(const std::string& name, const std::string& target) { return add({name, '1', {}, target}); }

  // A pax header for the next member.
  TarBuilder& pax(const std::vector<std::pair<std::string, std::string>>& records, char type = 'x') {
    std::string text;
    for (const auto& [key, value] : records) {
      size_t body = key.size() + value.size() + 3;
      size_t length = body + std::to_string(body).size();
      if (std::to_string(length).size() != std::to_string(body).size()) length = body + std::to_string(length).size();
      text += std::to_string(length) + " " + key + "=" + value + "\n";
    }
    return add({"PaxHeaders/x", type, text});
  }
  TarBuilder& gnu_long(char type, const std::string& name) {
    return add({"././@LongLink", type, name + std::string(1, '\0')});
  }

  TarBuilder& raw(std::string_view bytes) {
    text_ += bytes;
    return *this;
  }
  TarBuilder& pad() {
    text_.append((512 - text_.size() % 512) % 512, '\0');
    return *this;
  }
  // Two blocks of zeros, and more.
  std::string end(size_t zeros = 1024) const { return text_ + std::string(zeros, '\0'); }
  const std::string& text() const { return text_; }

 private:
  TarForm form_;
  std::string text_;
};

// Gives a text in pieces, so that headers and contents are cut anywhere.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string text, size_t piece = 4096) : text_(std::move(text)), piece_(piece) {}
  std::string_view next() override {
    // A copy that dies with the next piece: whoever keeps a view into it is found out by the sanitizer.
    current_ = text_.substr(at_, piece_);
    current_.shrink_to_fit();
    at_ += current_.size();
    return current_;
  }
  uint64_t consumed() const override { return consumed_ != 0 ? consumed_ : at_; }
  void pretend_consumed(uint64_t bytes) { consumed_ = bytes; }

 private:
  std::string text_;
  size_t piece_;
  size_t at_ = 0;
  std::string current_;
  uint64_t consumed_ = 0;
};

}  // namespace crun::layer
