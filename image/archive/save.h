// `ctr save`: images of the store become one tar. Light: ctr-image-pack writes it.
#pragma once

#include <string>
#include <vector>

#include "image/oci/reference.h"
#include "image/store/store.h"

namespace crun::archive {

struct SaveItem {
  image::Digest id;
  std::vector<image::Reference> names;  // to be written with it; empty: by id alone
};

enum class Format {
  docker_archive,  // as docker 25 and later write it: an OCI layout with a manifest.json beside it, so either kind of
                   // reader takes it
  oci_archive,     // the OCI layout alone
};

// Each layer once, uncompressed, with the bytes that its diff id is the digest of. out: borrowed, a file or a pipe; on
// an error what was written by then is to be thrown away. libexec: the folder that holds ctr-image-pack.
void save_images(image::Store& store, const std::string& libexec, const std::vector<SaveItem>& items, Format format,
                 int out);

}  // namespace crun::archive
