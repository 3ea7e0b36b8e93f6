// What libcrun.so shows; all else is hidden.
#pragma once

#define CRUN_API __attribute__((visibility("default")))
