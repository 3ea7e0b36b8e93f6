// Image references in docker's normal form (distribution/reference): "nginx" is docker.io/library/nginx:latest.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "image/oci/digest.h"

namespace crun::image {

struct Reference {
  std::string domain;            // "docker.io", "registry.example:5000", "localhost"
  std::string path;              // "library/nginx"
  std::string tag;               // "" where none was given (parse), never "" after with_default_tag()
  std::optional<Digest> digest;  // "@sha256:…"

  // Throws Error{invalid} that says which part is wrong and why.
  static Reference parse(std::string_view text);
  // The same, nothing where it is malformed.
  static std::optional<Reference> find(std::string_view text);

  Reference with_default_tag() const;  // ":latest" where there is neither tag nor digest
  std::string repository() const;      // "docker.io/library/nginx"
  std::string canonical() const;       // "docker.io/library/nginx:latest"; with "@digest" where there is one
  // As people write it: without "docker.io/" and "library/".
  std::string familiar_repository() const;  // "nginx"
  std::string familiar() const;             // "nginx:latest"

  friend bool operator==(const Reference&, const Reference&) = default;
};

// "abc123" or "sha256:abc123": 4 to 64 lower-case hexadecimal digits, as a user may shorten an id. The digits, or
// nothing.
std::optional<std::string_view> find_id_prefix(std::string_view text);

}  // namespace crun::image
