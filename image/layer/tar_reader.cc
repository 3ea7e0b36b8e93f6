#include "image/layer/tar_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <locale.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "crun/error.h"
#include "image/layer/digest.h"
#include "image/layer/pax_names.h"

namespace crun::layer {
namespace {

constexpr size_t kHeaderLimit = 8 << 20;

// libarchive turns pax names (UTF-8) into the locale's charset; in any other one it would drop or change bytes.
locale_t utf8_locale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (locale == nullptr)
    throw Error(ErrorKind::unsupported, "this host lacks the locale C.UTF-8: cannot read archives");
  return locale;
}

class Utf8Thread {
 public:
  Utf8Thread() : before_(uselocale(utf8_locale())) {}
  ~Utf8Thread() { uselocale(before_); }
  Utf8Thread(const Utf8Thread&) = delete;
  Utf8Thread& operator=(const Utf8Thread&) = delete;

 private:
  locale_t before_;
};

EntryKind kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return EntryKind::hardlink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return EntryKind::file;
    case AE_IFDIR: return EntryKind::folder;
    case AE_IFLNK: return EntryKind::symlink;
    case AE_IFCHR: return EntryKind::char_device;
    case AE_IFBLK: return EntryKind::block_device;
    case AE_IFIFO: return EntryKind::fifo;
    default: return EntryKind::other;
  }
}

std::string text_of(const char* text) { return text == nullptr ? std::string() : std::string(text); }

void copy_entry(archive_entry* from, TarEntry& to) {
  to.kind = kind_of(from);
  to.path = text_of(archive_entry_pathname(from));
  if (to.kind == EntryKind::hardlink) {
    to.link = text_of(archive_entry_hardlink(from));
  } else {
    to.link = to.kind == EntryKind::symlink ? text_of(archive_entry_symlink(from)) : std::string();
  }
  to.mode = archive_entry_perm(from) & 07777;
  to.uid = archive_entry_uid(from);
  to.gid = archive_entry_gid(from);
  to.seconds = archive_entry_mtime(from);
  to.nanoseconds = archive_entry_mtime_nsec(from);
  to.device = archive_entry_rdev(from);
  to.size = archive_entry_size(from) < 0 ? 0 : static_cast<uint64_t>(archive_entry_size(from));
  to.sparse = archive_entry_sparse_count(from) > 0;
  to.xattrs.clear();
  archive_entry_xattr_reset(from);
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
    to.xattrs.push_back({text_of(name), std::string(static_cast<const char*>(value), size)});
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

bool is_about_charset(const char* message) {
  return message != nullptr && std::string_view(message).find("can't be converted") != std::string_view::npos;
}

}  // namespace

class TarReader::Impl {
 public:
  Impl(ByteSource& source, RawListener* listener)
      : source_(source), listener_(listener), owned_(archive_read_new()), archive_(owned_.get()) {
    if (archive_ == nullptr) throw Error(ErrorKind::system, "libarchive: out of memory");
    archive_read_support_format_tar(archive_);
    archive_read_support_format_empty(archive_);
    if (listener_ == nullptr) archive_read_set_skip_callback(archive_, &Impl::skip);
    int result = archive_read_open(archive_, this, nullptr, &Impl::read, nullptr);
    if (result != ARCHIVE_OK) fail(0);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  bool next(TarEntry& entry) {
    // By itself, so that the header's own bytes can be told from what is skipped.
    if (started_ && archive_read_data_skip(archive_) < ARCHIVE_WARN) fail(position());
    started_ = true;
    header_.clear();
    uint64_t offset = position();
    header_start_ = offset;
    archive_entry* read = nullptr;
    int result = archive_read_next_header(archive_, &read);
    if (result == ARCHIVE_EOF) {
      rethrow();
      return false;
    }
    // A pax name that is not UTF-8 is a warning; we take its bytes as they are, as others do.
    if (result != ARCHIVE_OK && !(result == ARCHIVE_WARN && is_about_charset(archive_error_string(archive_)))) {
      fail(offset);
    }
    copy_entry(read, entry);
    entry.offset = offset;
    keep_header(position());
    header_start_ = UINT64_MAX;
    if (!is_ascii(entry.path) || !is_ascii(entry.link) || result != ARCHIVE_OK) take_exact_names(header_, entry);
    return true;
  }

  bool next_block(TarBlock& block) {
    const void* bytes = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    int result = archive_read_data_block(archive_, &bytes, &size, &offset);
    if (result == ARCHIVE_EOF) {
      rethrow();
      return false;
    }
    if (result != ARCHIVE_OK) fail(position());
    block = {{static_cast<const char*>(bytes), size}, static_cast<uint64_t>(offset), position()};
    return true;
  }

  void drain() {
    while (!at_end_) {
      const void* ignored = nullptr;
      if (read(archive_, this, &ignored) < 0) rethrow();
    }
  }

  // What libarchive has consumed: while a block is in the caller's hands, that block's first byte.
  uint64_t position() const { return static_cast<uint64_t>(archive_filter_bytes(archive_, 0)); }

 private:
  // No exception may pass through libarchive's C frames: it is kept, and thrown by whoever called into it.
  static la_ssize_t read(archive* archive, void* self_pointer, const void** bytes) {
    auto* self = static_cast<Impl*>(self_pointer);
    if (self->at_end_) return 0;
    try {
      self->keep_header(UINT64_MAX);
      if (self->listener_ != nullptr) self->listener_->expire();
      self->chunk_start_ += self->chunk_.size();
      self->chunk_ = {};
      std::string_view got = self->source_.next();
      self->at_end_ = got.empty();
      self->chunk_ = got;
      if (!got.empty() && self->listener_ != nullptr) self->listener_->raw(got);
      *bytes = got.data();
      return static_cast<la_ssize_t>(got.size());
    } catch (...) {
      self->failure_ = std::current_exception();
      self->at_end_ = true;
      archive_set_error(archive, EIO, "reading failed");
      return ARCHIVE_FATAL;
    }
  }

  static la_int64_t skip(archive*, void* self_pointer, la_int64_t wanted) {
    auto* self = static_cast<Impl*>(self_pointer);
    if (wanted <= 0) return 0;
    uint64_t skipped = self->source_.skip(static_cast<uint64_t>(wanted));
    self->chunk_start_ += self->chunk_.size() + skipped;
    self->chunk_ = {};
    return static_cast<la_int64_t>(skipped);
  }

  // While a header is read: what of it lies in the current chunk before `end`.
  void keep_header(uint64_t end) {
    if (header_start_ == UINT64_MAX) return;
    uint64_t from = std::max(header_start_ + header_.size(), chunk_start_);
    end = std::min(end, chunk_start_ + chunk_.size());
    if (from >= end) return;
    header_.append(chunk_.substr(static_cast<size_t>(from - chunk_start_), static_cast<size_t>(end - from)));
    if (header_.size() > kHeaderLimit) throw Error(ErrorKind::invalid, "tar header of more than 8 MiB");
  }

  void rethrow() {
    if (failure_) std::rethrow_exception(failure_);
  }

  [[noreturn]] void fail(uint64_t offset) {
    rethrow();
    const char* text = archive_error_string(archive_);
    throw Error(ErrorKind::invalid, "tar at byte " + std::to_string(offset) + ": " +
                                        (text == nullptr ? std::string("damaged") : std::string(text)));
  }

  Utf8Thread locale_;
  ByteSource& source_;
  RawListener* listener_;
  struct Free {
    void operator()(archive* reader) const { archive_read_free(reader); }
  };
  std::unique_ptr<archive, Free> owned_;
  archive* archive_;
  std::exception_ptr failure_;
  bool at_end_ = false;
  bool started_ = false;
  std::string_view chunk_;  // the source's latest piece
  uint64_t chunk_start_ = 0;
  uint64_t header_start_ = UINT64_MAX;  // set while a header is read
  std::string header_;                  // its bytes so far
};

TarReader::TarReader(ByteSource& source, RawListener* listener) : impl_(std::make_unique<Impl>(source, listener)) {}
TarReader::~TarReader() = default;
bool TarReader::next(TarEntry& entry) { return impl_->next(entry); }
bool TarReader::next_block(TarBlock& block) { return impl_->next_block(block); }
void TarReader::drain() { impl_->drain(); }
uint64_t TarReader::position() const { return impl_->position(); }

namespace {

class OneText : public ByteSource {
 public:
  explicit OneText(std::string text) : text_(std::move(text)) {}
  std::string_view next() override {
    return std::exchange(given_, true) ? std::string_view() : std::string_view(text_);
  }
  uint64_t consumed() const override { return text_.size(); }

 private:
  std::string text_;
  bool given_ = false;
};

// One header block of the smallest kind, with its checksum (POSIX.1-2017, pax, ustar interchange format).
std::string header_block(const char* name, char type, size_t size) {
  std::string block(512, '\0');
  auto put = [&](size_t at, const std::string& text) { block.replace(at, text.size(), text); };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = type;
  put(257, std::string("ustar\0", 6) + "00");
  unsigned sum = 0;
  for (char byte : block) sum += static_cast<unsigned char>(byte);
  put(148, fmt::format("{:06o}", sum) + '\0' + ' ');
  return block;
}

}  // namespace

void warm_up_tar_reading() {
  std::string pax = "11 path=\xc3\xa9\n";
  std::string text = header_block("x", 'x', pax.size()) + pax + std::string(512 - pax.size(), '\0') +
                     header_block("x", '0', 0) + std::string(1024, '\0');
  OneText source(std::move(text));
  TarReader reader(source, nullptr);
  TarEntry entry;
  while (reader.next(entry)) {
  }
  sha256_digest("");
}

std::string printable(std::string_view name) {
  constexpr size_t kShown = 160;
  std::string text = "'";
  for (size_t i = 0; i < name.size(); ++i) {
    if (name.size() > kShown && i == kShown / 2) {
      text += "…";
      i = name.size() - kShown / 2;
    }
    auto byte = static_cast<unsigned char>(name[i]);
    // Bytes of UTF-8 stay; control characters could move a terminal's cursor.
    if (byte >= 0x20 && byte != 0x7f && byte != '\'' && byte != '\\') {
      text.push_back(name[i]);
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text + "'";
}

}  // namespace crun::layer
