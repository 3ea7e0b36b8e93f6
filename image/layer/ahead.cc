#include "image/layer/ahead.h"

#include <array>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace crun::layer {
namespace {

constexpr size_t kSlots = 4;

struct Slot {
  std::string bytes;
  uint64_t consumed = 0;
};

// What both threads see; it goes with the last of them.
struct Ring {
  explicit Ring(std::unique_ptr<ByteSource> from) : source(std::move(from)) {}

  std::unique_ptr<ByteSource> source;  // the reading thread's alone
  std::mutex mutex;
  std::condition_variable changed;
  std::array<Slot, kSlots> slots;
  size_t filled = 0;  // how many were ever filled,
  size_t taken = 0;   // and given back
  bool ended = false;
  bool abandoned = false;
  std::exception_ptr failure;
};

// False where nobody wants more.
bool fill_one(Ring& ring) {
  {
    std::unique_lock lock(ring.mutex);
    ring.changed.wait(lock, [&] { return ring.abandoned || ring.filled - ring.taken < kSlots; });
    if (ring.abandoned) return false;
  }
  Slot& slot = ring.slots[ring.filled % kSlots];
  std::string_view bytes = ring.source->next();
  slot.bytes.assign(bytes);
  slot.consumed = ring.source->consumed();
  std::lock_guard lock(ring.mutex);
  if (bytes.empty()) {
    ring.ended = true;
  } else {
    ++ring.filled;
  }
  ring.changed.notify_all();
  return !bytes.empty();
}

void fill(Ring& ring) {
  try {
    while (fill_one(ring)) {
    }
  } catch (...) {
    std::lock_guard lock(ring.mutex);
    ring.failure = std::current_exception();
    ring.ended = true;
    ring.changed.notify_all();
  }
}

class AheadSource : public ByteSource {
 public:
  explicit AheadSource(std::unique_ptr<ByteSource> source)
      : is_inflated_(source->is_inflated()), ring_(std::make_shared<Ring>(std::move(source))) {
    std::thread([ring = ring_] { fill(*ring); }).detach();
  }

  ~AheadSource() override {
    std::lock_guard lock(ring_->mutex);
    ring_->abandoned = true;
    ring_->changed.notify_all();
  }

  std::string_view next() override {
    std::unique_lock lock(ring_->mutex);
    if (holding_) {
      ++ring_->taken;
      holding_ = false;
      ring_->changed.notify_all();
    }
    ring_->changed.wait(lock, [&] { return ring_->filled > ring_->taken || ring_->ended; });
    if (ring_->filled > ring_->taken) {
      const Slot& slot = ring_->slots[ring_->taken % kSlots];
      consumed_ = slot.consumed;
      holding_ = true;
      return slot.bytes;
    }
    if (ring_->failure) std::rethrow_exception(ring_->failure);
    return {};
  }

  uint64_t consumed() const override { return consumed_; }
  bool is_inflated() const override { return is_inflated_; }

 private:
  bool is_inflated_;
  std::shared_ptr<Ring> ring_;
  bool holding_ = false;  // the caller has the oldest slot's bytes
  uint64_t consumed_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
  return std::make_unique<AheadSource>(std::move(source));
}

}  // namespace crun::layer
