#include "image/store/store.h"

namespace crun::image {
namespace {

const char* const kMigrations[] = {
    // unflushed: the boot in which the layer's files were written, until they are known to be on disk; then ''.
    "CREATE TABLE layers ("
    "  id TEXT PRIMARY KEY, diff_id TEXT NOT NULL, chain_id TEXT NOT NULL, bytes INTEGER NOT NULL,"
    "  inodes INTEGER NOT NULL, created INTEGER NOT NULL, unflushed TEXT NOT NULL,"
    "  UNIQUE (diff_id, chain_id)) WITHOUT ROWID;"
    "CREATE INDEX layers_unflushed ON layers (unflushed) WHERE unflushed != '';"
    // original: NULL where config is the very bytes that the id is the digest of.
    "CREATE TABLE images ("
    "  id TEXT PRIMARY KEY, config TEXT NOT NULL, original BLOB, created INTEGER NOT NULL, stored INTEGER NOT NULL);"
    "CREATE TABLE image_layers ("
    "  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE, position INTEGER NOT NULL,"
    "  layer TEXT NOT NULL REFERENCES layers (id), PRIMARY KEY (image, position)) WITHOUT ROWID;"
    "CREATE INDEX image_layers_by_layer ON image_layers (layer);"
    "CREATE TABLE names ("
    "  name TEXT PRIMARY KEY, repository TEXT NOT NULL,"
    "  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE) WITHOUT ROWID;"
    "CREATE INDEX names_by_image ON names (image);"
    "CREATE TABLE repo_digests ("
    "  repository TEXT NOT NULL, digest TEXT NOT NULL,"
    "  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,"
    "  PRIMARY KEY (repository, digest)) WITHOUT ROWID;"
    "CREATE INDEX repo_digests_by_image ON repo_digests (image);"
    "CREATE TABLE cache ("
    "  key TEXT PRIMARY KEY, scope TEXT NOT NULL, inputs TEXT NOT NULL, layer TEXT REFERENCES layers (id),"
    "  result TEXT NOT NULL, created INTEGER NOT NULL, used INTEGER NOT NULL);"
    "CREATE INDEX cache_by_layer ON cache (layer);"
    "CREATE INDEX cache_by_scope ON cache (scope, created);"
    // Layers that a work holds; work is its intent's id.
    "CREATE TABLE pins ("
    "  work TEXT NOT NULL, layer TEXT NOT NULL REFERENCES layers (id), PRIMARY KEY (work, layer)) WITHOUT ROWID;"
    "CREATE INDEX pins_by_layer ON pins (layer);"
    // Folders of layers that are no more.
    "CREATE TABLE trash (layer TEXT PRIMARY KEY) WITHOUT ROWID;",
};

}  // namespace

const state::Schema kSchema = {"image", 0, kMigrations};

}  // namespace crun::image
