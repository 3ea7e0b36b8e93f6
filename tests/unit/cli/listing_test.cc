#include "cli/format/listing.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using crun::cli::align_columns;
using crun::cli::Column;
using crun::cli::format_list;
using nlohmann::json;

namespace {

constexpr Column kColumns[] = {{"ID", "CONTAINER ID"}, {"Image", "IMAGE"}, {"Status", "STATUS"}};
const std::vector<json> kRows = {{{"ID", "0123456789ab"}, {"Image", "busybox"}, {"Status", "Up 3 minutes"}},
                                 {{"ID", "ba9876543210"}, {"Image", "a/longer/name:tag"}, {"Status", "Created"}}};

}  // namespace

TEST_CASE("tables have headers and docker's column widths") {
  CHECK(format_list("table {{.ID}}\t{{.Image}}\t{{.Status}}", kColumns, kRows) ==
        "CONTAINER ID   IMAGE               STATUS\n"
        "0123456789ab   busybox             Up 3 minutes\n"
        "ba9876543210   a/longer/name:tag   Created\n");
  CHECK(format_list("table {{.Image}}\\t{{upper .Status}}", kColumns, {}) == "IMAGE     STATUS\n");
  CHECK(format_list("table {{.Label \"x\"}}", kColumns, {}) == "x\n");
}

TEST_CASE("templates and json make one line a row") {
  CHECK(format_list("{{.ID}}\\t{{.Image}}", kColumns, kRows) ==
        "0123456789ab\tbusybox\nba9876543210\ta/longer/name:tag\n");
  CHECK(format_list("json", kColumns, {kRows[0]}) ==
        "{\"ID\":\"0123456789ab\",\"Image\":\"busybox\",\"Status\":\"Up 3 minutes\"}\n");
  CHECK(format_list("{{.ID}}", kColumns, {}) == "");
}

TEST_CASE("a character of several bytes takes one place") {
  CHECK(align_columns("\xc3\xa4\xc3\xb6\tx\n0123456789\ty\n") == "\xc3\xa4\xc3\xb6           x\n0123456789   y\n");
}
