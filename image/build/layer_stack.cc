#include "image/build/layer_stack.h"

#include <sys/stat.h>

#include <cerrno>

#include "crun/error.h"
#include "image/build/layer_folder.h"
#include "image/layer/diff.h"

namespace crun::build {
namespace {

constexpr const char* kWork = "work";

void make_work_folder(const image::LayerDraft& draft, const char* name) {
  if (mkdirat(draft.scratch().fd(), name, 0700) != 0) throw SysError(errno, "making a layer's work folder");
}

}  // namespace

void LayerStack::push(const image::LayerId& id, const image::Digest& diff_id) {
  ids.push_back(id);
  diff_ids.push_back(diff_id);
}

std::vector<std::string> LayerMaker::lowers(const LayerStack& stack) const {
  std::vector<std::string> paths;
  for (auto id = stack.ids.rbegin(); id != stack.ids.rend(); ++id) paths.push_back(store_.layers_path() + "/" + *id);
  return paths;
}

Dir LayerMaker::view(const LayerStack& stack) {
  // overlayfs takes no single folder without an upper one; nothing at all is the folder of a draft that is never
  // committed.
  if (stack.ids.empty()) return work_.begin_layer().diff().duplicate();
  work_.hold_noted();
  if (stack.ids.size() == 1) return store_.open_layer(stack.ids[0]);
  return Dir(executor_.mount_root(RootLayers{lowers(stack), "", ""}));
}

std::optional<image::Layer> LayerMaker::make(const LayerStack& stack, const Write& write) {
  work_.hold_noted();
  image::LayerDraft draft = work_.begin_layer();
  Dir lower;
  if (!stack.ids.empty()) lower = store_.open_layer(stack.ids.back());
  begin_layer_folder(draft.diff(), lower ? &lower : nullptr);
  make_work_folder(draft, kWork);
  RootLayers layers{lowers(stack), draft.diff_path(), draft.path() + "/" + kWork};
  write(Dir(executor_.mount_root(layers)), draft.diff());
  finish_layer_folder(draft.diff(), [this, &stack] { return view(stack); });
  layer::LayerDigest digest = layer::layer_digest(draft.diff());
  if (digest.summary.entries == 0) return std::nullopt;
  image::LayerInfo info{image::Digest::parse(digest.diff_id), std::nullopt, static_cast<int64_t>(digest.summary.bytes),
                        static_cast<int64_t>(digest.summary.entries)};
  return work_.commit_layer(std::move(draft), info);
}

}  // namespace crun::build
