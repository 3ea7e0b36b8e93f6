// systemd makes the container's cgroup as a scope: a unit around processes that it did not start
// (systemd.io/CONTROL_GROUP_INTERFACE). It hands the scope over to us ("Delegate"), so below it nothing of systemd's
// interferes; what the scope's own files say it is told as properties.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "base/file.h"
#include "crun/error.h"
#include "libcrun/cgroup/create.h"
#include "libcrun/cgroup/devices.h"
#include "libcrun/cgroup/manager.h"
#include "libcrun/cgroup/rootless.h"
#include "libcrun/cgroup/systemd_unit.h"
#include "libcrun/dbus/connection.h"

namespace crun::cgroup {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr std::chrono::seconds kJobTimeout{30};

std::string environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

// Where to look, in this order. systemd's own socket speaks D-Bus without a bus between, and is there without one.
std::vector<dbus::Address> addresses(bool user) {
  std::vector<dbus::Address> result;
  std::string given = environment(user ? "DBUS_SESSION_BUS_ADDRESS" : "DBUS_SYSTEM_BUS_ADDRESS");
  if (std::optional<dbus::Address> address = dbus::parse_address(given)) result.push_back(*address);
  std::string run = user ? environment("XDG_RUNTIME_DIR") : "/run";
  if (run.empty()) run = "/run/user/" + std::to_string(geteuid());
  result.push_back({run + (user ? "/bus" : "/dbus/system_bus_socket"), false, true});
  result.push_back({run + "/systemd/private", false, false});
  return result;
}

class SystemdManager final : public Manager {
 public:
  SystemdManager(const Hierarchy& hierarchy, spec::StringMap annotations)
      : hierarchy_(hierarchy), annotations_(std::move(annotations)) {}

  Place place(const std::string& cgroups_path, const std::string& id) override {
    UnitPlace unit = unit_place(cgroups_path, id);
    if (unit.slice.empty()) unit.slice = user_ ? "user.slice" : "system.slice";
    return {manager_cgroup() + slice_folder(unit.slice) + "/" + unit.scope, unit.scope, unit.slice};
  }

  bool needs_process() const noexcept override { return true; }

  Cgroup create(const Place& place, const spec::Resources& resources, pid_t pid) override {
    Settings wanted = settings(resources);
    dbus::Properties properties = scope_properties(place, pid);
    append(properties, unit_properties(wanted));
    if (!user_) append(properties, device_properties(with_default_devices(resources.devices), devices_file()));
    append(properties, annotated_properties(annotations_));
    start(place, properties);
    try {
      return enter(place, wanted);
    } catch (const Error&) {
      remove(place);
      throw;
    }
  }

  void update(const Place& place, const spec::Resources& resources) override {
    std::optional<Cgroup> cgroup = Cgroup::find(hierarchy_, place.path);
    if (!cgroup) throw Error(ErrorKind::busy, "cgroup " + place.path + " is gone");
    dbus::Properties properties = unit_properties(settings(cgroup->completed(resources)));
    if (!user_ && !resources.devices.empty()) {
      append(properties, device_properties(with_default_devices(resources.devices), devices_file()));
    }
    if (!properties.empty()) set_properties(place, properties);
    cgroup->update(hierarchy_, resources);
  }

  void remove(const Place& place) override {
    // Our own end first: systemd gives processes 90 seconds between two signals.
    if (std::optional<Cgroup> cgroup = Cgroup::find(hierarchy_, place.path)) {
      if (cgroup->populated()) cgroup->kill();
      cgroup->wait_empty(std::chrono::seconds(10));
    }
    std::exception_ptr failure;
    try {
      stop(place);
    } catch (const Error&) {
      failure = std::current_exception();
    }
    Cgroup::remove(hierarchy_, place.path);
    if (failure) std::rethrow_exception(failure);
  }

 private:
  static void append(dbus::Properties& all, dbus::Properties more) {
    for (dbus::Property& property : more) {
      auto same = std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.name == property.name; });
      if (same == all.end()) {
        all.push_back(std::move(property));
      } else {
        same->value = std::move(property.value);
      }
    }
  }

  static std::string devices_file() { return read_path("/proc/devices"); }

  static dbus::Properties scope_properties(const Place& place, pid_t pid) {
    return {{"Description", "container " + place.unit},
            {"Slice", place.slice},
            {"Delegate", true},
            {"PIDs", dbus::Numbers{static_cast<uint32_t>(pid)}},
            {"DefaultDependencies", false},
            {"MemoryAccounting", true},
            {"CPUAccounting", true},
            {"IOAccounting", true},
            {"TasksAccounting", true},
            // One that has failed is forgotten like one that has ended, with nobody to ask for it.
            {"CollectMode", std::string("inactive-or-failed")}};
  }

  dbus::Connection& bus() {
    if (bus_) return *bus_;
    for (const dbus::Address& address : addresses(user_)) {
      bus_ = dbus::Connection::find(address);
      if (!bus_) continue;
      if (address.is_bus) subscribe();
      return *bus_;
    }
    throw Error(ErrorKind::unsupported, std::string("no ") + (user_ ? "user's " : "") +
                                            "systemd listens on D-Bus: the systemd cgroup driver needs one; use "
                                            "--cgroup-manager cgroupfs");
  }

  // A bus hands signals only to those who ask for them.
  void subscribe() {
    dbus::Message match;
    match.destination = "org.freedesktop.DBus";
    match.path = "/org/freedesktop/DBus";
    match.interface = "org.freedesktop.DBus";
    match.member = "AddMatch";
    match.signature = "s";
    dbus::Writer body;
    body.string(std::string("type='signal',interface='") + kManager + "',member='JobRemoved',path='" + kPath + "'");
    match.body = body.take();
    bus_->call(std::move(match));
    call("Subscribe", "", {});
  }

  dbus::Message call(const char* member, const char* signature, std::string body) {
    dbus::Message message;
    message.destination = kService;
    message.path = kPath;
    message.interface = kManager;
    message.member = member;
    message.signature = signature;
    message.body = std::move(body);
    return bus().call(std::move(message));
  }

  // systemd's own cgroup below the hierarchy's root, without a slash at its end: "" for the system's, most often.
  std::string manager_cgroup() {
    dbus::Message message;
    message.destination = kService;
    message.path = kPath;
    message.interface = "org.freedesktop.DBus.Properties";
    message.member = "Get";
    message.signature = "ss";
    dbus::Writer body;
    body.string(kManager);
    body.string("ControlGroup");
    message.body = body.take();
    dbus::Message answer = bus().call(std::move(message));
    std::string path = dbus::Reader(answer.body).variant_string();
    if (path == "/") path.clear();
    return path;
  }

  void start(const Place& place, const dbus::Properties& properties) {
    dbus::Writer body;
    body.string(place.unit);
    body.string("fail");
    body.properties(properties);
    body.array(8, [] {});  // auxiliary units
    std::string request = body.take();
    dbus::Message answer;
    try {
      answer = call("StartTransientUnit", "ssa(sv)a(sa(sv))", request);
    } catch (const dbus::CallError& error) {
      if (error.name() != "org.freedesktop.systemd1.UnitExists") throw;
      // What is left of one that has failed goes; what lives stays, and is then an error.
      reset_failed(place);
      answer = call("StartTransientUnit", "ssa(sv)a(sa(sv))", request);
    }
    std::string result = wait_for_job(dbus::Reader(answer.body).string());
    if (result != "done") throw Error(ErrorKind::system, "systemd: starting " + place.unit + " gave '" + result + "'");
  }

  // The answer to a call is a job; what became of it comes as a signal: u id, o job, s unit, s result.
  std::string wait_for_job(const std::string& job) {
    Clock::time_point deadline = Clock::now() + kJobTimeout;
    while (std::optional<dbus::Message> signal = bus().next_signal(deadline)) {
      if (signal->member != "JobRemoved" || signal->signature != "uoss") continue;
      dbus::Reader reader(signal->body);
      reader.number();
      if (reader.string() != job) continue;
      reader.string();
      return reader.string();
    }
    throw Error(ErrorKind::system, "systemd: job " + job + " is not done after 30 seconds");
  }

  Cgroup enter(const Place& place, const Settings& wanted) {
    std::optional<Cgroup> cgroup = Cgroup::find(hierarchy_, place.path);
    if (!cgroup) throw Error(ErrorKind::system, "systemd: " + place.unit + " has no cgroup " + place.path);
    // What has no property, and what its property has rounded.
    cgroup->write(hierarchy_, wanted);
    return std::move(*cgroup);
  }

  void set_properties(const Place& place, const dbus::Properties& properties) {
    dbus::Writer body;
    body.string(place.unit);
    body.number(1);  // runtime: gone with the next boot
    body.properties(properties);
    call("SetUnitProperties", "sba(sv)", body.take());
  }

  void stop(const Place& place) {
    dbus::Writer body;
    body.string(place.unit);
    body.string("replace");
    try {
      dbus::Message answer = call("StopUnit", "ss", body.take());
      wait_for_job(dbus::Reader(answer.body).string());
    } catch (const dbus::CallError& error) {
      // It goes by itself when its last process ends.
      if (error.name() != "org.freedesktop.systemd1.NoSuchUnit") throw;
    }
    reset_failed(place);
  }

  void reset_failed(const Place& place) {
    dbus::Writer body;
    body.string(place.unit);
    try {
      call("ResetFailedUnit", "s", body.take());
    } catch (const dbus::CallError& error) {
      if (error.name() != "org.freedesktop.systemd1.NoSuchUnit") throw;
    }
  }

  const Hierarchy& hierarchy_;
  spec::StringMap annotations_;
  bool user_ = is_rootless();  // then the user's systemd, which has no say about devices
  std::optional<dbus::Connection> bus_;
};

}  // namespace

std::unique_ptr<Manager> make_systemd_manager(const Hierarchy& hierarchy, spec::StringMap annotations) {
  return std::make_unique<SystemdManager>(hierarchy, std::move(annotations));
}

}  // namespace crun::cgroup
