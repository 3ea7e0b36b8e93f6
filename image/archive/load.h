// `ctr load` and `ctr import`: an archive becomes images of the store. Light: nothing here parses what others wrote but
// the bounded report of ctr-image-unpack, which reads the archive in its sandbox.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "image/oci/config.h"
#include "image/oci/reference.h"
#include "image/store/store.h"

namespace crun::archive {

// Where an archive comes from.
struct Input {
  int fd = -1;       // borrowed; a file (read from where it stands) or a pipe
  std::string name;  // for messages; empty: the path that the descriptor was opened by, where it has one
};

std::string name_of(const Input& input);

struct LoadedImage {
  image::Digest id;
  std::vector<image::Reference> names;  // with tags; empty: the archive named none
  bool existed = false;
};

// docker-archive (manifest.json) or OCI layout (index.json), as tar; plain, gzip or zstd. In an index of several
// platforms this machine's is taken. libexec: the folder that holds ctr-image-unpack. All images are stored, or none of
// a broken archive is: they are read wholly before the first is. Throws Error{invalid} with the archive's name, the
// entry and the byte offset.
std::vector<LoadedImage> load_images(image::Store& store, const std::string& libexec, const Input& input);

struct ImportOptions {
  std::optional<image::Reference> name;  // with its tag
  // What the image shall say of itself: config, platform (empty: this machine's), author. Its diff ids and history are
  // set here.
  image::ImageConfig config;
  std::string message;  // the history's comment
};

// A root filesystem's tar becomes an image of one layer.
image::Digest import_image(image::Store& store, const std::string& libexec, const Input& input,
                           const ImportOptions& options);

}  // namespace crun::archive
