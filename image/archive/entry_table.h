// The entries of an outer archive by name, and their bytes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crun::archive {

struct ArchiveEntry {
  std::string name;
  uint64_t offset = 0;  // of its content, in the file
  uint64_t size = 0;
  std::string link;  // where it is a link: the name it leads to
};

class EntryTable {
 public:
  // file: a seekable tar that begins at `offset`. Throws Error{invalid} for what no archive of images has: two entries
  // of one name, sparse files, names that lead out, more entries than kArchiveEntries. Folders are passed over.
  EntryTable(int file, uint64_t offset);

  // Links followed; nothing where there is no such file.
  const ArchiveEntry* find(std::string_view name) const;
  const ArchiveEntry& get(std::string_view name, std::string_view wanted_by) const;  // throws Error{invalid}
  std::string read(const ArchiveEntry& entry, size_t limit) const;

 private:
  void add(const ArchiveEntry& entry);
  int file_;
  std::map<std::string, ArchiveEntry, std::less<>> entries_;
};

}  // namespace crun::archive
