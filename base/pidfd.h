// <sys/pidfd.h>, whose glibc 2.36 form forgets that C++ would mangle its names.
#pragma once

extern "C" {
#include <sys/pidfd.h>
}
