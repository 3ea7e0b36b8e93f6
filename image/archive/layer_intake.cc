#include "image/archive/layer_intake.h"

#include <sched.h>

#include <algorithm>

#include "crun/error.h"

namespace crun::archive {
namespace {

using image::Digest;
using image::Layer;
using image::LayerId;

constexpr size_t kMostParallel = 4;

size_t usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<size_t>(std::max(CPU_COUNT(&set), 1));
}

image::LayerInfo info_of(const LayerReport& report, const std::optional<Digest>& chain_id) {
  image::LayerInfo info{*report.diff_id, report.self_contained ? std::nullopt : chain_id};
  info.bytes = static_cast<int64_t>(report.bytes);
  info.inodes = static_cast<int64_t>(report.entries);
  return info;
}

void check_digests(const IndexedLayer& layer, const LayerReport& report) {
  if (report.blob_digest && layer.blob_digest && *report.blob_digest != *layer.blob_digest) {
    throw Error(ErrorKind::invalid,
                "its digest is " + report.blob_digest->text() + ", not " + layer.blob_digest->text());
  }
  if (!report.diff_id) throw Error(ErrorKind::internal, "the helper gave no diff id");
  if (*report.diff_id != layer.diff_id) {
    throw Error(ErrorKind::invalid, "its diff id is " + report.diff_id->text() + ", the image's configuration says " +
                                        layer.diff_id.text());
  }
}

template <typename Call>
auto naming(const IndexedLayer& layer, const Call& call) {
  try {
    return call();
  } catch (Error& error) {
    // layer.name came through checked_path, but may hold what moves a terminal's cursor.
    std::string name = layer.name;
    for (char& byte : name) {
      if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f) byte = '?';
    }
    error.add_context("layer '" + name + "'");
    throw;
  }
}

}  // namespace

LayerIntake::LayerIntake(image::Store& store, image::Work& work, const std::string& libexec)
    : store_(store), work_(work), libexec_(libexec), parallel_(std::min(usable_cpus(), kMostParallel)) {}

std::vector<LayerId> LayerIntake::take(int source, const std::vector<IndexedLayer>& layers) {
  std::map<Digest, Layer> alone;  // by diff id: those that stand on their own
  std::map<Digest, const IndexedLayer*> wanted;
  std::deque<const IndexedLayer*> waiting;
  for (const IndexedLayer& layer : layers) {
    if (wanted.count(layer.diff_id) != 0) continue;
    wanted.emplace(layer.diff_id, &layer);
    if (!work_.find_layer(layer.diff_id, layer.chain_id)) waiting.push_back(&layer);
  }
  spare_cpus_ = waiting.size() < usable_cpus();
  std::deque<Running> running;
  while (!waiting.empty() || !running.empty()) {
    while (!waiting.empty() && running.size() < parallel_) {
      const IndexedLayer& layer = *waiting.front();
      waiting.pop_front();
      running.push_back(naming(layer, [&] { return start(source, layer, {}, false); }));
    }
    Running first = std::move(running.front());
    running.pop_front();
    const IndexedLayer& layer = *first.layer;
    naming(layer, [&] { return finish(std::move(first)); });
  }
  spare_cpus_ = usable_cpus() > 1;
  // Now in order: what needs those below finds them here.
  std::vector<LayerId> ids;
  for (const IndexedLayer& layer : layers) {
    std::optional<Layer> found = work_.find_layer(layer.diff_id, layer.chain_id);
    if (!found) found = naming(layer, [&] { return unpack_completed(source, layer, ids); });
    ids.push_back(found->id);
  }
  return ids;
}

LayerIntake::Running LayerIntake::start(int source, const IndexedLayer& layer, const std::vector<LayerId>& below,
                                        bool complete) {
  LayerJob job{layer.offset, layer.size, true, layer.blob_digest.has_value(), complete, below.size(), spare_cpus_};
  std::vector<Dir> folders;
  std::vector<int> lowers;
  for (auto id = below.rbegin(); id != below.rend(); ++id) {
    folders.push_back(store_.open_layer(*id));
    lowers.push_back(folders.back().fd());
  }
  image::LayerDraft draft = work_.begin_layer();
  Fd record = draft.create_record();
  Helper helper = Helper::start(libexec_, job, source, draft.diff().fd(), record.get(), lowers);
  return Running{&layer, std::move(draft), std::move(helper)};
}

std::optional<Layer> LayerIntake::finish(Running running) {
  LayerReport report = parse_layer_report(running.helper.finish());
  if (!report.self_contained) return std::nullopt;  // the draft goes with the Work
  check_digests(*running.layer, report);
  return work_.commit_layer(std::move(running.draft), info_of(report, std::nullopt));
}

Layer LayerIntake::unpack_completed(int source, const IndexedLayer& layer, const std::vector<LayerId>& below) {
  Running running = start(source, layer, below, true);
  LayerReport report = parse_layer_report(running.helper.finish());
  check_digests(layer, report);
  return work_.commit_layer(std::move(running.draft), info_of(report, layer.chain_id));
}

Layer LayerIntake::take_stream(const LayerJob& job, int source) {
  image::LayerDraft draft = work_.begin_layer();
  Fd record = draft.create_record();
  Helper helper = Helper::start(libexec_, job, source, draft.diff().fd(), record.get(), {});
  LayerReport report = parse_layer_report(helper.finish());
  if (!report.diff_id) throw Error(ErrorKind::internal, "the helper gave no diff id");
  return work_.commit_layer(std::move(draft), info_of(report, report.diff_id));
}

}  // namespace crun::archive
