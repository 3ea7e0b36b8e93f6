#include "image/layer/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "crun/error.h"
#include "image/layer/digest.h"
#include "image/layer/entry_path.h"
#include "image/layer/record.h"
#include "image/layer/tree_writer.h"

namespace crun::layer {
namespace {

class Unpacking : public RawListener {
 public:
  Unpacking(ByteSource& source, const UnpackLimits& limits, TarRecorder* recorder, TreeKind kind, std::string prefix)
      : source_(source), limits_(limits), recorder_(recorder), kind_(kind), prefix_(std::move(prefix)) {}

  void raw(std::string_view bytes) override {
    result_.tar_bytes += bytes.size();
    if (kind_ == TreeKind::layer) hash_.write(bytes);
    if (recorder_ != nullptr) recorder_->raw(bytes);
    check_ratio(result_.tar_bytes);
  }

  void expire() override {
    if (recorder_ != nullptr) recorder_->expire();
  }

  UnpackResult run(TreeWriter& tree) {
    TarReader reader(source_, this);
    TarEntry entry;
    while (reader.next(entry)) {
      if (++result_.entries > limits_.entries) {
        throw refused("more than " + std::to_string(limits_.entries) + " entries, at byte " +
                      std::to_string(entry.offset));
      }
      try {
        make(tree, reader, entry);
      } catch (Error& error) {
        error.add_context("entry " + printable(entry.path) + " at byte " + std::to_string(entry.offset));
        throw;
      }
    }
    reader.drain();
    if (kind_ == TreeKind::layer) result_.diff_id = hash_.digest();
    if (recorder_ != nullptr) recorder_->finish(result_.diff_id);
    if (std::optional<std::string> lacks = tree.finish(); lacks && kind_ == TreeKind::layer) {
      result_.self_contained = false;
      result_.lacks = *lacks;
    }
    return std::move(result_);
  }

 private:
  // A few megabytes that unpack to a full disk: the ratio tells them, whatever the disk's size.
  void check_ratio(uint64_t bytes) const {
    if (bytes > limits_.free_bytes && bytes / limits_.ratio > source_.consumed()) {
      throw refused("it unpacks to more than " + std::to_string(limits_.ratio) + " times its size (" +
                    std::to_string(bytes) + " bytes): refused");
    }
  }

  void make(TreeWriter& tree, TarReader& reader, const TarEntry& entry) {
    std::string path = checked_path(entry.path, limits_);
    if (path.empty()) return make_top(tree, entry);
    if (kind_ == TreeKind::layer && is_mark(tree, path)) return;
    path = tree.settle(prefix_ + path);
    switch (entry.kind) {
      case EntryKind::file: return make_file(tree, reader, entry, path);
      case EntryKind::folder: return tree.make_folder(path, attributes(entry));
      case EntryKind::symlink: return make_symlink(tree, entry, path);
      case EntryKind::hardlink: return tree.make_hardlink(path, tree.settle(prefix_ + checked_target(entry)));
      case EntryKind::char_device: return make_device(tree, entry, path, S_IFCHR);
      case EntryKind::block_device: return make_device(tree, entry, path, S_IFBLK);
      case EntryKind::fifo: return tree.make_node(path, S_IFIFO, 0, attributes(entry));
      case EntryKind::other: return;  // sockets: nobody listens behind one that comes out of an archive
    }
  }

  Attributes attributes(const TarEntry& entry) { return attributes_of(entry, result_.skipped_xattrs); }

  void make_top(TreeWriter& tree, const TarEntry& entry) {
    if (entry.kind != EntryKind::folder) throw refused("the archive's top must be a folder");
    if (kind_ == TreeKind::layer) tree.set_top(attributes(entry));
  }

  // Whiteouts and opaque marks. A `.wh.` further up in a path names nothing that a layer can hold.
  bool is_mark(TreeWriter& tree, const std::string& path) {
    std::string_view folder = folder_of(path);
    for (std::string_view rest = folder; !rest.empty(); rest = folder_of(rest)) {
      if (name_of(rest).substr(0, kWhiteoutPrefix.size()) == kWhiteoutPrefix) {
        throw refused("its path goes through a whiteout, " + printable(name_of(rest)));
      }
    }
    std::string_view name = name_of(path);
    if (name.substr(0, kWhiteoutPrefix.size()) != kWhiteoutPrefix) return false;
    if (name == kOpaqueName) {
      std::string settled(folder_of(tree.settle(path)));
      tree.make_opaque(settled);
      return true;
    }
    if (name.substr(0, kWhiteoutMetaPrefix.size()) == kWhiteoutMetaPrefix) return true;
    name.remove_prefix(kWhiteoutPrefix.size());
    if (name.empty() || name == "." || name == "..") throw refused("a whiteout of " + printable(name) + " is refused");
    std::string hidden = folder.empty() ? std::string(name) : std::string(folder) + "/" + std::string(name);
    tree.whiteout(tree.settle(hidden));
    return true;
  }

  std::string checked_target(const TarEntry& entry) const {
    try {
      std::string target = checked_path(entry.link, limits_);
      if (target.empty()) throw refused("it is a folder");
      return target;
    } catch (Error& error) {
      error.add_context("its hard link target " + printable(entry.link));
      throw;
    }
  }

  void make_symlink(TreeWriter& tree, const TarEntry& entry, const std::string& path) {
    if (entry.link.empty() || entry.link.size() > limits_.path) throw refused("its link target is empty or too long");
    tree.make_symlink(path, entry.link, attributes(entry));
  }

  void make_device(TreeWriter& tree, const TarEntry& entry, const std::string& path, mode_t type) {
    if (entry.device == 0) throw refused("a device 0:0 is overlayfs' whiteout: refused");
    tree.make_node(path, type, entry.device, attributes(entry));
  }

  void make_file(TreeWriter& tree, TarReader& reader, const TarEntry& entry, const std::string& path) {
    result_.bytes += entry.size;
    if (entry.size > limits_.bytes || result_.bytes > limits_.bytes) {
      throw refused("more than " + std::to_string(limits_.bytes) + " bytes of files");
    }
    check_sparse(entry.size);
    Attributes wanted = attributes(entry);
    Fd file = tree.make_file(path, wanted);
    TarBlock block;
    uint64_t end = 0;
    while (reader.next_block(block)) {
      write_block(file.get(), block);
      if (recorder_ != nullptr && !block.bytes.empty()) {
        recorder_->content(block.position, block.bytes.size(), path, block.offset);
      }
      end = block.offset + block.bytes.size();
    }
    if (end < entry.size) checked(ftruncate(file.get(), static_cast<off_t>(entry.size)), "making it sparse");
    apply_to_fd(file.get(), wanted, tree.file_state(wanted));
  }

  // Holes cost the disk nothing, but whoever reads the layer later reads them all.
  void check_sparse(uint64_t size) const {
    if (size > limits_.free_bytes) check_ratio(result_.bytes);
  }

  static void write_block(int file, const TarBlock& block) {
    for (size_t done = 0; done < block.bytes.size();) {
      ssize_t put =
          pwrite(file, block.bytes.data() + done, block.bytes.size() - done, static_cast<off_t>(block.offset + done));
      if (put < 0 && errno == EINTR) continue;
      done += static_cast<size_t>(checked(put, "writing its content"));
    }
  }

  ByteSource& source_;
  const UnpackLimits& limits_;
  TarRecorder* recorder_;
  TreeKind kind_;
  std::string prefix_;
  Sha256 hash_;
  UnpackResult result_;
};

}  // namespace

UnpackResult unpack_layer(ByteSource& tar, const Dir& root, const UnpackOptions& options) {
  umask(0);
  Lowers lowers(options.lowers);
  TreeWriter tree(root, TreeKind::layer, options.complete ? &lowers : nullptr, options.recorder);
  try {
    return Unpacking(tar, options.limits, options.recorder, TreeKind::layer, "").run(tree);
  } catch (const NeedsParent& needed) {
    UnpackResult result;
    result.self_contained = false;
    result.lacks = needed.path;
    return result;
  }
}

UnpackResult extract_archive(ByteSource& tar, const Dir& root, std::string_view into, const ExtractOptions& options) {
  umask(0);
  std::string prefix(into);
  while (!prefix.empty() && prefix.front() == '/') prefix.erase(0, 1);
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  if (!prefix.empty()) {
    root.make_dirs(prefix, 0755, Resolve::in_root);
    prefix += '/';
  }
  TreeWriter tree(root, TreeKind::in_place, nullptr, nullptr);
  return Unpacking(tar, options.limits, nullptr, TreeKind::in_place, prefix).run(tree);
}

}  // namespace crun::layer
