// hugetlb.* of cgroup v2.
#include "crun/error.h"
#include "libcrun/cgroup/settings.h"

namespace crun::cgroup {
namespace {

// "2MB", "1GB", "64KB": becomes part of a file's name.
bool is_page_size(std::string_view text) {
  if (text.size() < 3 || text.back() != 'B') return false;
  std::string_view digits = text.substr(0, text.size() - 2);
  if (std::string_view("KMG").find(text[text.size() - 2]) == std::string_view::npos) return false;
  return digits.find_first_not_of("0123456789") == std::string_view::npos && digits.front() != '0';
}

}  // namespace

Settings hugetlb_settings(const std::vector<spec::HugepageLimit>& limits) {
  Settings result;
  for (const spec::HugepageLimit& limit : limits) {
    if (!is_page_size(limit.page_size)) {
      throw Error(ErrorKind::invalid, "hugepageLimits: '" + limit.page_size + "' is not a page size such as 2MB");
    }
    std::string name = "hugepageLimits." + limit.page_size;
    std::string base = "hugetlb." + limit.page_size;
    std::string value = std::to_string(limit.limit);
    result.push_back({name, "hugetlb", {{base + ".max", value}}});
    // Linux 5.7: what is reserved counts when it is reserved, so that the shortage is an error of mmap(2) and not
    // SIGBUS.
    result.push_back({name, "hugetlb", {{base + ".rsvd.max", value}}, true});
  }
  return result;
}

}  // namespace crun::cgroup
