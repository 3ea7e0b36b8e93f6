// An engine for the command's own tests: it remembers what it was asked, and gives what a test put there.
#pragma once

#include <string>
#include <vector>

#include "crun/builds.h"
#include "crun/containers.h"
#include "crun/images.h"

struct FakeEngine {
  crun::ContainerRequest request;
  crun::ContainerExecRequest exec_request;
  crun::BuildRequest build_request;
  crun::LogRequest log_request;
  crun::StartOptions start;
  crun::Session::Relay relay;
  std::vector<crun::ContainerSummary> containers;
  std::vector<crun::ImageSummary> images;
  std::vector<std::string> calls;  // "stop web 30"
};

extern FakeEngine fake;
