// What golden says about every frame of a run, computed one frame ahead in a second thread where that is
// worth a thread.
#pragma once
#include <cstdint>
#include <future>
#include <map>
#include <memory>

#include "sim/golden/engine.hpp"
#include "sim/harness/images.hpp"

namespace elb::harness {

using Frame = std::shared_ptr<const golden::Result>;

// Frame k is image k, beginning again when the images are used up.
class Frames {
 public:
  Frames(const golden::Engine& engine, const ImageSet& images, int64_t count)
      : engine_(&engine), images_(&images), count_(count), ahead_(engine.network().macs() >= 1'000'000) {}
  int64_t count() const { return count_; }
  const uint8_t* pixels(int64_t frame) const { return images_->image(frame % images_->count()); }
  // 0 <= frame < count, and not below what was released.
  Frame get(int64_t frame);
  void release_below(int64_t frame);

 private:
  const std::shared_future<Frame>& started(int64_t frame);
  const golden::Engine* engine_;
  const ImageSet* images_;
  int64_t count_, released_ = 0;
  bool ahead_;
  std::map<int64_t, std::shared_future<Frame>> frames_;
};

}  // namespace elb::harness
