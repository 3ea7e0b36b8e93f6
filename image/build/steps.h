// What RUN, COPY, ADD and WORKDIR do to a stage's root.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "image/build/copy.h"
#include "image/build/evaluate.h"
#include "image/build/executor.h"
#include "image/build/progress.h"
#include "image/build/source_tree.h"

namespace crun::build {

// ADD of an archive: unpacks `file` (a regular one, read from its start) into a folder of its own and gives that;
// nothing where it is no archive. Throws Error{invalid} for one that is damaged or hostile.
using ArchiveOpener = std::function<std::optional<Dir>(int file)>;

// A command that ended with anything but 0; the text says how.
class CommandFailed : public Error {
 public:
  using Error::Error;
};

// root: given up before the command ends. Throws CommandFailed, and what the executor throws.
void run_command(Executor& executor, Progress& progress, const RunStep& step, Network network, int stop, Dir root,
                 const Dir& upper);

// matches: for each of the step's source words. Throws Error{invalid}, SysError.
void copy_sources(const CopyStep& step, const SourceTree& tree, const std::vector<std::vector<SourceMatch>>& matches,
                  const ArchiveOpener& open_archive, const Dir& root);

void make_working_folder(const FolderStep& step, const Dir& root);

}  // namespace crun::build
