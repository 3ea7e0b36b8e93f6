// A store of a test's own, and short ways to fill it.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "crun/error.h"
#include "image/store/store.h"
#include "tests/unit/scratch.h"

namespace crun::testing {

inline image::Digest digest(unsigned number) {
  std::string digits = std::to_string(number);
  return image::Digest::parse("sha256:" + std::string(64 - digits.size(), '0') + digits);
}

inline ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  FAIL("no error");
  return ErrorKind::internal;
}

inline std::string text_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.text();
  }
  return "no error";
}

struct TestStore {
  Scratch scratch;
  state::StateRoot root{scratch.path() + "/root", state::Durability::boot, {image::kSchema}};
  image::Store store{root};

  // A layer of 100 bytes in one file.
  image::LayerId add_layer(image::Work& work, const image::Digest& diff_id) {
    if (auto found = work.find_layer(diff_id)) return found->id;
    image::LayerDraft draft = work.begin_layer();
    draft.diff().replace_file("file", std::string(100, 'x'), 0644, false);
    write_all(draft.create_record().get(), "record of " + diff_id.text(), "record");
    return work.commit_layer(std::move(draft), {diff_id, {}, 100, 1}).id;
  }

  image::NewImage image_of(const image::Digest& id, const std::vector<image::Digest>& diff_ids,
                           std::vector<image::LayerId> layers, const std::string& created = "") {
    image::ImageConfig config;
    config.created = created;
    config.platform = image::host_platform();
    config.diff_ids = diff_ids;
    return {id, image::write_image_config(config), "", std::move(layers)};
  }

  image::Digest add_image(const std::vector<image::Digest>& diff_ids, const std::vector<std::string>& names,
                          const image::Digest& id = digest(900), const std::string& created = "") {
    image::Work work = store.begin_work("test");
    std::vector<image::LayerId> layers;
    for (const image::Digest& diff_id : diff_ids) layers.push_back(add_layer(work, diff_id));
    std::vector<image::Reference> references;
    for (const std::string& name : names) references.push_back(image::Reference::parse(name).with_default_tag());
    work.put_image(image_of(id, diff_ids, layers, created), references);
    work.finish();
    return id;
  }

  std::vector<std::string> entries(const std::string& folder) { return root.folder(folder).list(); }
};

}  // namespace crun::testing
