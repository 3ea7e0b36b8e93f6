// A container in words: its row and its condition, as `ps` and `inspect` show them.
#pragma once

#include "engine/container/places.h"
#include "engine/container/tables.h"

namespace crun::engine {

// "created", "running", "exited", "dead" (it starts, or is being removed: nothing that can be said of it is settled).
const char* state_name(const Condition& condition);

// "Up 3 minutes", "Exited (0) 2 hours ago", "Created". now: nanoseconds since 1970.
std::string status_text(const Condition& condition, int64_t now);

// "About a minute", "3 hours", "2 weeks": docker's steps.
std::string duration_text(int64_t seconds);

// As one line that a shell would take: words with blanks or quotes are quoted.
std::string command_text(const std::vector<std::string>& arguments);

ContainerSummary summarize(Engine::Impl& engine, const Container& container, const Condition& condition, int64_t now);

}  // namespace crun::engine
