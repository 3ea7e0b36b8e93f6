#include "image/archive/entry_table.h"

#include <unistd.h>

#include <cerrno>

#include "crun/error.h"
#include "image/archive/index_archive.h"
#include "image/layer/entry_path.h"
#include "image/layer/tar_reader.h"

namespace crun::archive {
namespace {

using layer::EntryKind;
using layer::printable;

constexpr int kLinkLimit = 8;

Error refused(const std::string& what) { return Error(ErrorKind::invalid, what); }

// `target` as seen from the folder of `name`. docker before 25 wrote a layer that it had written already as a symlink
// "../<id>/layer.tar".
std::string leads_to(std::string_view name, std::string_view target) {
  std::string result(layer::folder_of(name));
  for (size_t start = 0; start <= target.size();) {
    size_t end = std::min(target.find('/', start), target.size());
    std::string_view part = target.substr(start, end - start);
    start = end + 1;
    if (part == "..") {
      if (result.empty()) throw refused("its link leads out of the archive");
      result = std::string(layer::folder_of(result));
    } else if (!part.empty() && part != ".") {
      if (!result.empty()) result += '/';
      result += part;
    }
  }
  return result;
}

}  // namespace

EntryTable::EntryTable(int file, uint64_t offset) : file_(file) {
  auto source = layer::open_plain({file, true, offset, UINT64_MAX});
  layer::TarReader reader(*source, nullptr);
  layer::TarEntry read;
  uint64_t count = 0;
  static constexpr layer::UnpackLimits kLimits;
  while (reader.next(read)) {
    try {
      if (++count > kArchiveEntries)
        throw refused("the archive has more than " + std::to_string(kArchiveEntries) + " entries");
      ArchiveEntry entry{layer::checked_path(read.path, kLimits), offset + reader.position(), read.size, {}};
      if (read.kind == EntryKind::folder) continue;
      if (read.kind == EntryKind::symlink) {
        if (!read.link.empty() && read.link.front() == '/') throw refused("its link is absolute");
        entry.link = leads_to(entry.name, read.link);
      } else if (read.kind == EntryKind::hardlink) {
        entry.link = layer::checked_path(read.link, kLimits);
      } else if (read.kind != EntryKind::file) {
        throw refused("an archive of images holds files and links only");
      }
      if (read.sparse) throw refused("sparse files are refused here");
      add(entry);
    } catch (Error& error) {
      error.add_context("entry " + printable(read.path) + " at byte " + std::to_string(read.offset));
      throw;
    }
  }
}

void EntryTable::add(const ArchiveEntry& entry) {
  if (!entries_.try_emplace(entry.name, entry).second) throw refused("the archive has two entries of this name");
}

const ArchiveEntry* EntryTable::find(std::string_view name) const {
  auto found = entries_.find(name);
  for (int links = 0; found != entries_.end() && !found->second.link.empty(); ++links) {
    if (links == kLinkLimit) throw refused("too many links from entry " + printable(name));
    found = entries_.find(found->second.link);
  }
  return found == entries_.end() ? nullptr : &found->second;
}

const ArchiveEntry& EntryTable::get(std::string_view name, std::string_view wanted_by) const {
  const ArchiveEntry* entry = find(name);
  if (entry == nullptr)
    throw refused(std::string(wanted_by) + " names " + printable(name) + ", which is not in the archive");
  return *entry;
}

std::string EntryTable::read(const ArchiveEntry& entry, size_t limit) const {
  if (entry.size > limit) {
    throw refused("entry " + printable(entry.name) + " has " + std::to_string(entry.size) + " bytes, more than the " +
                  std::to_string(limit) + " that are allowed");
  }
  std::string text(entry.size, '\0');
  for (size_t done = 0; done < text.size();) {
    ssize_t got = pread(file_, text.data() + done, text.size() - done, static_cast<off_t>(entry.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (checked(got, "reading the archive") == 0) throw refused("entry " + printable(entry.name) + " is cut short");
    done += static_cast<size_t>(got);
  }
  return text;
}

}  // namespace crun::archive
