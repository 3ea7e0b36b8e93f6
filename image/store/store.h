// Images and layers on disk: `<root>/layers/<id>` are overlay's lower folders, `<root>/records/<id>` their tar records,
// `<root>/drafts/` what is in the making; which of them count is said by the database alone.
//
// Whenever a process is killed, or the disk fills: a folder without a row is nobody's and is removed by the next
// command (its Work's intent tells where it is); a row without its folder cannot be, since folders come before rows and
// go after them. Layers are flushed once an image, before the image's row is committed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/dir.h"
#include "crun/error.h"
#include "image/oci/config.h"
#include "image/oci/digest.h"
#include "image/oci/reference.h"
#include "image/store/cache.h"
#include "image/store/layer.h"
#include "state/state_root.h"

namespace crun::image {

// The tables of this room; given to StateRoot.
extern const state::Schema kSchema;

// A stored image, without its configuration's text.
struct ImageSummary {
  Digest id;                              // digest of the configuration's exact bytes
  std::vector<std::string> names;         // canonical references with tags, sorted
  std::vector<std::string> repo_digests;  // "docker.io/library/nginx@sha256:…"
  int64_t created = 0;                    // nanoseconds since 1970, as the configuration says; 0: it does not
  int64_t stored = 0;                     // nanoseconds since 1970
  int64_t bytes = 0;                      // of all its layers
};

struct Image : ImageSummary {
  std::string config_text;      // canonical JSON
  std::string original_config;  // the exact bytes that the id is the digest of
  std::vector<Layer> layers;    // base first

  ImageConfig config() const;  // parsed anew at each call
};

// What is to be stored. The maker has hashed: id is the digest of original_config.
struct NewImage {
  Digest id;
  std::string original_config;
  std::string config_text;      // canonical; "" where it is the same as original_config
  std::vector<LayerId> layers;  // base first, one for each diff id of the configuration
};

// Who uses an image, as the engine knows it.
struct ImageUser {
  std::string container;  // id or name, for the message
  bool running = false;
};

// What remove_image did, in order, to be printed as docker does.
struct Removal {
  enum class What { untagged, deleted } what;
  std::string object;  // the name as people write it, or the image's id
};

class Store;

// Layers that a work had found were freed by an rmi or a prune of another process before it held them: what relied on
// them can be done again, and finds others.
class LayersGone : public Error {
 public:
  LayersGone() : Error(ErrorKind::busy, "a layer was removed by another command while it was to be used: try again") {}
};

// A load, pull or build at work: an intent, and the layers that it made or relies on, which no rmi of another process
// frees meanwhile. Dropped or killed: its drafts are removed, and its layers are freed unless an image, the build cache
// or another Work holds them. Not for several threads at once.
class Work {
 public:
  Work(Work&&) noexcept = default;

  // Throws SysError (ENOSPC by name).
  LayerDraft begin_layer();
  // Makes the draft a layer. Where one with the same diff id (and chain id) is there already, or comes first in a race,
  // that one is given and the draft is removed. The layer is flushed to disk by put_image, not here.
  Layer commit_layer(LayerDraft draft, const LayerInfo& info);
  // A layer whose diff id is this and which stands on its own, or else the one for this chain. Held from now on.
  std::optional<Layer> find_layer(const Digest& diff_id, const std::optional<Digest>& chain_id = std::nullopt);
  // Holds layers found by other ways (an image's, the cache's). False where one of them is gone.
  bool hold(const std::vector<LayerId>& layers);
  // The same, without a transaction for each: they are held from hold_noted() on, which is to be called before their
  // folders are used; put_image needs no such call. False where one of them is gone.
  bool note(const std::vector<LayerId>& layers);
  // Throws LayersGone where one of those noted is gone.
  void hold_noted();
  // Flushes the layers, then stores the image and, in the same transaction, names it: a name that another image had
  // moves. An image with this id that is there already gets the names. names: canonical(), with tag.
  // Throws Error{invalid} where layers and diff ids do not match, Error{internal} where a layer is neither held nor
  // noted, LayersGone where a noted one is gone.
  void put_image(const NewImage& image, const std::vector<Reference>& names,
                 const std::vector<std::string>& repo_digests = {});
  void put_cache(const CacheRecord& record);
  // Ends it: drafts left are removed, layers that nobody holds are freed.
  void finish();

 private:
  friend class Store;
  Work(Store& store, state::Intent intent);
  const std::string& id() const { return intent_->id(); }
  std::string draft_path(const LayerId& layer) const;
  void pin(const LayerId& layer);
  void check_held(const std::vector<LayerId>& layers);
  void flush(const std::vector<LayerId>& layers);

  Store* store_;
  std::optional<state::Intent> intent_;
  Dir drafts_;  // drafts/<id of the intent>/
  std::set<LayerId> noted_;
};

class Store {
 public:
  // root: outlives this; made with kSchema among its schemas. Nothing is opened before it is needed.
  explicit Store(state::StateRoot& root);

  // First what killed processes left is settled: call it once a command, before the work. Cheap where there is nothing.
  void settle();
  // what: "load", "build": for people who look into the database. Settles first, where that was not done.
  Work begin_work(std::string_view what);

  // By name ("nginx", "nginx:1.25", "nginx@sha256:…"), by id or by an id's first digits (4 at least). A name wins over
  // an id prefix. Throws Error{invalid} for an ambiguous prefix or a malformed name.
  std::optional<Digest> find_image_id(std::string_view name_or_id);
  // Throws Error{not_found} with the names that come close.
  Digest resolve(std::string_view name_or_id);
  // Throws Error{not_found}.
  Image get_image(const Digest& id);
  std::optional<Image> find_image(std::string_view name_or_id);
  std::vector<ImageSummary> list_images();  // newest first
  // The configuration's canonical text and the layers, nothing else: what `run` needs, in two reads.
  struct Runnable {
    Digest id;
    std::string config_text;
    std::vector<LayerId> lower;  // top first, as overlay lists them
  };
  Runnable get_runnable(std::string_view name_or_id);

  // names are canonical(). tag moves a name that another image had. Throws Error{not_found}.
  void tag(const Digest& image, const Reference& name);
  // docker's rmi. By a name: takes that name away, and the image with it where it was the last one. By an id: takes all
  // names and the image; where there are names in more than one repository: Error{busy} unless forced. users: asked
  // inside the transaction: a running container's image is never removed and a stopped one's only by force, which takes
  // the names and leaves the image, without a name, while the container is there.
  // To keep `run` from starting on what is being removed, take the run database's write transaction before the call:
  // `run` writes its use there first and then reads the image here. The freed layers' folders are still there on
  // return: empty_trash() removes them, and may take seconds, so first end that transaction.
  std::vector<Removal> remove_image(std::string_view name_or_id, bool force,
                                    const std::function<std::vector<ImageUser>(const Digest&)>& users = {});

  // Removes the folders of layers that are no more; what a killed process left too.
  void empty_trash();

  // The folder that holds the layers, each by its id: the cwd for mounts with relative names.
  Dir layers_dir() const;
  std::string layers_path() const;
  Dir open_layer(const LayerId& id) const;  // the layer's folder; throws Error{internal} naming a layer without one
  // Its tar record, opened to read. Nothing where the layer was made without.
  std::optional<Fd> find_record(const LayerId& id) const;
  std::optional<Layer> find_layer(const Digest& diff_id, const std::optional<Digest>& chain_id = std::nullopt);

  std::optional<CacheRecord> find_cache(std::string_view key);
  // The newest record of this scope, whatever its key: to say which input differs.
  std::optional<CacheRecord> find_latest_cache(std::string_view scope);
  // Forgets the records used longest ago until the bounds are kept, and frees what they alone held. Returns the bytes
  // freed.
  int64_t prune_cache(const CacheBounds& bounds);

  // Layers and their bytes, each counted once.
  struct Usage {
    int64_t images = 0;
    int64_t layers = 0;
    int64_t bytes = 0;
    int64_t inodes = 0;
    int64_t cache_bytes = 0;  // held by the build cache alone
  };
  Usage usage();

  state::StateRoot& root() { return root_; }

 private:
  friend class Work;
  state::Database& database() { return root_.database(); }
  bool has_unflushed_of_other_boot();
  std::optional<Image> read_image(const Digest& id);
  void read_names(ImageSummary& image);
  std::optional<Reference> find_given_name(std::string_view name_or_id);

  state::StateRoot& root_;
  bool settled_ = false;
  std::vector<std::string> used_cache_;  // keys found; their time of use is written when a Work ends
};

}  // namespace crun::image
