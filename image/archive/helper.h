// One run of ctr-image-unpack.
#pragma once

#include <string>
#include <vector>

#include "base/child.h"
#include "image/archive/protocol.h"

namespace crun::archive {

class Helper {
 public:
  // input: becomes its descriptor 0; target, record: 3 and 4, -1 for none; lowers: 5 and on. All borrowed, for the
  // call alone. libexec: the folder that the program lies in.
  static Helper start(const std::string& libexec, const Job& job, int input, int target, int record,
                      const std::vector<int>& lowers);
  // Waits for its end; gives its report, which is still to be parsed. Throws Error{internal} where there is none.
  std::string finish();

 private:
  Helper(Child child, Fd report) : child_(std::move(child)), report_(std::move(report)) {}
  Child child_;
  Fd report_;
};

}  // namespace crun::archive
