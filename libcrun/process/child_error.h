// {step, errno, index} of the child -> an error that names the operation and the object.
#pragma once

#include "libcrun/process/plan.h"
#include "libcrun/process/steps.h"
#include "libcrun/spec/spec.h"

namespace crun::process {

// Throws it as a SysError; for Step::execute, which is a ProgramError's matter, too.
[[noreturn]] void throw_child_error(const Message& failure, const Plan& plan, const spec::Process& process);

// The same for what may fail after `start`, where no plan is left.
[[noreturn]] void throw_late_error(const Message& failure);

}  // namespace crun::process
