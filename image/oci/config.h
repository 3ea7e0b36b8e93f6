// The image's configuration (image-spec config.md, and what docker adds to it), as plain structs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/oci/digest.h"
#include "image/oci/manifest.h"

namespace crun::image {

// docker's HEALTHCHECK; times in nanoseconds, 0: the default.
struct Healthcheck {
  std::vector<std::string> test;  // {"NONE"}, {"CMD", …} or {"CMD-SHELL", text}
  int64_t interval = 0;
  int64_t timeout = 0;
  int64_t start_period = 0;
  int64_t start_interval = 0;
  int64_t retries = 0;
  friend bool operator==(const Healthcheck&, const Healthcheck&) = default;
};

// What a container of the image starts with: the "config" member.
struct ContainerConfig {
  std::string user;
  std::vector<std::string> exposed_ports;  // "80/tcp", sorted
  std::vector<std::string> env;            // "NAME=value", in order
  // An absent list and an empty one differ: `CMD []` clears what the base had.
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> cmd;
  std::vector<std::string> volumes;  // sorted
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::optional<int64_t> stop_timeout;  // seconds
  std::optional<Healthcheck> healthcheck;
  std::vector<std::string> on_build;
  std::vector<std::string> shell;
  bool args_escaped = false;
  // Members not named above, each as JSON text, written back as they came.
  std::map<std::string, std::string> unknown;
  friend bool operator==(const ContainerConfig&, const ContainerConfig&) = default;
};

struct History {
  std::string created;  // RFC 3339, or ""
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;
  friend bool operator==(const History&, const History&) = default;
};

struct ImageConfig {
  std::string created;  // RFC 3339, or ""
  std::string author;
  Platform platform;
  std::vector<std::string> os_features;
  ContainerConfig config;
  std::vector<Digest> diff_ids;  // base first
  std::vector<History> history;
  std::map<std::string, std::string> unknown;  // top-level members not named above, as JSON text
  friend bool operator==(const ImageConfig&, const ImageConfig&) = default;
};

inline constexpr size_t kConfigBytes = 4 << 20;

// Throws Error{invalid} naming `name` and the member: wrong types, environment entries without a name, NUL bytes, more
// than kMaxLayers layers, a rootfs type that is not "layers". Nulls are absent members.
ImageConfig parse_image_config(std::string_view text, std::string_view name);

// One line, keys sorted; empty members left out. parse(write(x)) == x.
std::string write_image_config(const ImageConfig& config);

}  // namespace crun::image
