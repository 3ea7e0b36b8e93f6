#include "engine/container/describe.h"

#include "engine/impl.h"
#include "engine/spec/generate.h"

namespace crun::engine {
namespace {

constexpr int64_t kNano = 1'000'000'000;

std::string count_of(int64_t count, const char* unit) { return std::to_string(count) + " " + unit; }

std::vector<std::string> arguments_of(Engine::Impl& engine, const Container& container) {
  try {
    image::Store::Runnable image = engine.store().get_runnable(container.image_id);
    image::ImageConfig config = image::parse_image_config(image.config_text, "the image's configuration");
    return merge_process(config.config, container.request, "").arguments;
  } catch (const Error& error) {
    // An image that is gone or says nothing: what the user asked for is what is known.
    if (error.kind() != ErrorKind::not_found && error.kind() != ErrorKind::invalid) throw;
    return container.request.command;
  }
}

// As docker: the name it was made from, and once that is gone or another image's the image's own id.
std::string image_name(Engine::Impl& engine, const Container& container) {
  constexpr size_t kAlgorithm = sizeof "sha256:" - 1, kShortId = 12;
  std::optional<image::Digest> now = engine.store().find_image_id(container.image);
  return now && now->text() == container.image_id ? container.image : container.image_id.substr(kAlgorithm, kShortId);
}

}  // namespace

const char* state_name(const Condition& condition) {
  if (condition.running()) return "running";
  if (condition.unfinished || !condition.record || condition.record->state == RecordState::failed) return "created";
  return "exited";
}

std::string duration_text(int64_t seconds) {
  int64_t minutes = seconds / 60;
  int64_t hours = (seconds + 1800) / 3600;
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return count_of(seconds, "seconds");
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return count_of(minutes, "minutes");
  if (hours == 1) return "About an hour";
  if (hours < 48) return count_of(hours, "hours");
  if (hours < 24 * 7 * 2) return count_of(hours / 24, "days");
  if (hours < 24 * 30 * 2) return count_of(hours / 24 / 7, "weeks");
  if (hours < 24 * 365 * 2) return count_of(hours / 24 / 30, "months");
  return count_of(hours / 24 / 365, "years");
}

std::string status_text(const Condition& condition, int64_t now) {
  if (condition.running()) return "Up " + duration_text((now - condition.record->started_at) / kNano);
  std::string state = state_name(condition);
  if (state == "created") return "Created";
  const StatusRecord& record = *condition.record;
  return "Exited (" + std::to_string(record.exit_code) + ") " + duration_text((now - record.finished_at) / kNano) +
         " ago";
}

std::string command_text(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) {
    if (!text.empty()) text += ' ';
    bool plain = !argument.empty() && argument.find_first_of(" \t\n'\"\\$") == std::string::npos;
    if (plain) {
      text += argument;
      continue;
    }
    text += '\'';
    for (char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

ContainerSummary summarize(Engine::Impl& engine, const Container& container, const Condition& condition, int64_t now) {
  ContainerSummary summary;
  summary.id = container.id;
  summary.name = container.name;
  summary.image = image_name(engine, container);
  summary.image_id = container.image_id;
  summary.command = command_text(arguments_of(engine, container));
  summary.created = container.created;
  summary.state = state_name(condition);
  summary.status = status_text(condition, now);
  summary.exit_code = condition.record && !condition.unfinished ? condition.record->exit_code : 0;
  summary.labels = container.request.labels;
  for (const BindMount& mount : container.request.mounts) summary.mounts.push_back(mount.source);
  summary.network = container.request.network;
  return summary;
}

}  // namespace crun::engine
