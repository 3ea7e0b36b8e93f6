// A seccomp filter -> one that answers the same in fewer instructions. libseccomp compares with each number that a
// profile names; neighbours that are answered alike need two comparisons for all of them. The kernel checks, translates
// and compiles every instruction at each start of a container: for docker's profile 0.2 ms less.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace crun::security {

// For every seccomp_data the result answers as `program` does. What it cannot take apart (arithmetic on the number or
// the architecture, which libseccomp does not write) it gives back as it is; likewise where nothing is gained.
std::vector<sock_filter> shorten_filter(const std::vector<sock_filter>& program);

}  // namespace crun::security
