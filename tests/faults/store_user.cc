// A user of the store for the tests here: one change a run, so that it can be killed at each of its system calls.
//   store_user ROOT load NAME DIGIT...   an image of one layer for each digit, named NAME
//   store_user ROOT cache KEY DIGIT      a build's step with that layer, in no image
//   store_user ROOT tag NAME NAME
//   store_user ROOT rmi NAME
//   store_user ROOT prune                all of the build cache
//   store_user ROOT settle               what any command does first
//   store_user ROOT check                settles, then prints what is wrong; exit code 1 where something is
//   store_user ROOT list                 "NAME LAYERS" of each image
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "base/file.h"
#include "crun/error.h"
#include "image/store/check.h"
#include "image/store/store.h"

using namespace crun;
using namespace crun::image;

namespace {

Digest digest(char digit) { return Digest::parse("sha256:" + std::string(64, digit)); }

LayerId add_layer(Work& work, char digit) {
  if (auto found = work.find_layer(digest(digit))) return found->id;
  LayerDraft draft = work.begin_layer();
  draft.diff().make_dirs("a/b", 0755);
  draft.diff().replace_file("file", std::string(20000, digit), 0644, false);
  draft.scratch().make_dirs("work", 0700);
  write_all(draft.create_record().get(), "record", "record");
  return work.commit_layer(std::move(draft), {digest(digit), {}, 20000, 4}).id;
}

void load(Store& store, const std::string& name, const std::vector<std::string>& digits) {
  Work work = store.begin_work("load");
  ImageConfig config;
  std::vector<LayerId> layers;
  for (const std::string& digit : digits) {
    layers.push_back(add_layer(work, digit[0]));
    config.diff_ids.push_back(digest(digit[0]));
  }
  work.put_image({digest(digits.back()[0]), write_image_config(config), "", layers},
                 {Reference::parse(name).with_default_tag()});
  work.finish();
}

void cache(Store& store, const std::string& key, char digit) {
  Work work = store.begin_work("build");
  work.put_cache({key, "scope", {{"command", key}}, add_layer(work, digit), "{}", 0});
  work.finish();
}

int check(Store& store) {
  std::vector<std::string> wrong = check_store(store);
  for (const std::string& line : wrong) puts(line.c_str());
  return wrong.empty() ? 0 : 1;
}

void list(Store& store) {
  for (const ImageSummary& image : store.list_images()) {
    printf("%s %zu\n", image.names.empty() ? "<none>" : image.names[0].c_str(),
           store.get_image(image.id).layers.size());
  }
}

int run(const std::vector<std::string>& arguments) {
  state::StateRoot root(arguments.at(0), state::Durability::disk, {kSchema});
  Store store(root);
  const std::string& what = arguments.at(1);
  std::vector<std::string> rest(arguments.begin() + 2, arguments.end());
  store.settle();
  if (what == "check") return check(store);
  if (what == "list") list(store);
  if (what == "load") load(store, rest.at(0), {rest.begin() + 1, rest.end()});
  if (what == "cache") cache(store, rest.at(0), rest.at(1)[0]);
  if (what == "tag") store.tag(store.resolve(rest.at(0)), Reference::parse(rest.at(1)).with_default_tag());
  if (what == "rmi") {
    store.remove_image(rest.at(0), false);
    store.empty_trash();
  }
  if (what == "prune") store.prune_cache({});
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const Error& error) {
    fprintf(stderr, "store_user: %s\n", error.what());
    return 125;
  }
}
