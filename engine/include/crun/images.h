// Images: what is in the store, and how it gets in and out as archives.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "crun/engine.h"

namespace crun {

struct ImageSummary {
  std::string id;                    // "sha256:…" of the config
  std::vector<std::string> tags;     // familiar form, "busybox:latest"; empty: dangling
  std::vector<std::string> digests;  // "busybox@sha256:…"
  int64_t created = 0;               // nanoseconds since 1970
  uint64_t size = 0;                 // bytes of all its layers, shared ones too
  std::vector<std::pair<std::string, std::string>> labels;
  size_t containers = 0;  // that use it
};

struct ImageFilter {
  std::string reference;  // only those it names (a name without tag means all its tags); empty for all
  // docker's: dangling, label, reference (with * and ? and [a-z]), before, since (images). Of one key any must fit,
  // each label, and of several keys all.
  std::vector<std::pair<std::string, std::string>> filters;
};
// Newest first. Of an image that fits by some of its names, those names alone are given.
CRUN_API std::vector<ImageSummary> list_images(Engine& engine, const ImageFilter& filter = {});

// The image's JSON as `docker image inspect` prints one element. name: reference, id, or a unique prefix of an id.
// Error{not_found} names the nearest reference; Error{invalid} where a prefix is ambiguous.
CRUN_API std::string inspect_image(Engine& engine, const std::string& name);

// target: a reference, normalised; an old image of that name loses it.
CRUN_API void tag_image(Engine& engine, const std::string& source, const std::string& target);

struct RemovedImage {
  std::vector<std::string> untagged;  // familiar references
  std::vector<std::string> deleted;   // image ids and layer diff ids
};
// As docker: a name is untagged, and the image goes with its last name. Error{busy} names the container that uses it
// (force: only for stopped ones).
CRUN_API RemovedImage remove_image(Engine& engine, const std::string& name, bool force);

struct LoadedImage {
  std::string id;
  std::vector<std::string> tags;  // empty: the archive named none
};
// archive: readable, of any position and kind (file, pipe); OCI layout or docker-archive; plain, gzip or zstd.
CRUN_API std::vector<LoadedImage> load_images(Engine& engine, int archive);

enum class ArchiveFormat { docker_archive, oci_archive };
// Writes them as one tar to `out`, borrowed.
CRUN_API void save_images(Engine& engine, const std::vector<std::string>& names, ArchiveFormat format, int out);

struct ImportRequest {
  int archive = -1;       // a root file system as tar, of any compression
  std::string reference;  // empty: untagged
  std::string message;    // for the history
  std::vector<std::string>
      changes;  // Dockerfile instructions (CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR)
};
CRUN_API std::string import_image(Engine& engine, const ImportRequest& request);  // gives the id

}  // namespace crun
