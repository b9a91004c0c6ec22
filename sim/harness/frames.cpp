#include "sim/harness/frames.hpp"

#include "base/assert.hpp"

namespace elb::harness {

const std::shared_future<Frame>& Frames::started(int64_t frame) {
  auto it = frames_.find(frame);
  if (it == frames_.end()) {
    std::future<Frame> f = std::async(ahead_ ? std::launch::async : std::launch::deferred, [this, frame] {
      return std::make_shared<const golden::Result>(engine_->run(pixels(frame)));
    });
    it = frames_.emplace(frame, f.share()).first;
  }
  return it->second;
}

Frame Frames::get(int64_t frame) {
  ELB_ASSERT(frame >= released_ && frame < count_, "a frame that golden does not hold");
  const std::shared_future<Frame> wanted = started(frame);
  if (ahead_ && frame + 1 < count_) started(frame + 1);
  return wanted.get();
}

void Frames::release_below(int64_t frame) {
  released_ = std::max(released_, frame);
  frames_.erase(frames_.begin(), frames_.lower_bound(released_));
}

}  // namespace elb::harness
