// A Dockerfile's instructions as text, one a line, for golden files.
#pragma once

#include <string>

#include "image/dockerfile/parse.h"

std::string dump(const crun::dockerfile::File& file);
