// Watches one stream of the running design: every beat against golden, `last`, and that valid and data hold
// while not ready. Remembers the cycles of the first and last beat of every frame.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/harness/beats.hpp"
#include "sim/harness/frames.hpp"

namespace elb::harness {

struct Mismatch {
  int64_t image = 0;
  std::string layer;
  int y = 0, x = 0, c = 0;
  int64_t expected = 0, got = 0;
};

// Wires of a stream in the simulated model.
struct Wires {
  const uint8_t* data = nullptr;
  const uint8_t* valid = nullptr;
  const uint8_t* ready = nullptr;
  const uint8_t* last = nullptr;
};

class StreamCheck {
 public:
  // Layer -1 is the input. With keep_map, map() is the map as the design sent it, once per frame.
  StreamCheck(const Stream& stream, const nn::Network& network, Wires wires, Frames& frames, bool keep_map);

  // Once per cycle, with clock 0 and settled wires. True when a frame was completed.
  bool watch(int64_t cycle) {
    const bool valid = *wires_.valid != 0;
    if (held_) check_hold(cycle, valid);
    held_ = false;
    if (!valid) return false;
    if (*wires_.ready == 0) {
      hold();
      return false;
    }
    return take(cycle);
  }

  const Stream& stream() const { return *stream_; }
  int64_t frame() const { return frame_; }  // that its next beat belongs to
  bool done() const { return frame_ == frames_->count(); }
  const BeatPosition& position() const { return at_; }
  bool offers() const { return *wires_.valid != 0; }
  bool is_taken() const { return *wires_.ready != 0; }
  const golden::Tensor& map() const { return map_; }

  int64_t values() const { return values_; }
  int64_t mismatches() const { return mismatches_; }
  const std::optional<Mismatch>& first_mismatch() const { return first_; }
  const std::optional<std::string>& first_violation() const { return violation_; }
  struct Span {
    int64_t first = -1, last = -1;  // cycles
  };
  const std::vector<Span>& spans() const { return spans_; }  // of frames begun

 private:
  bool take(int64_t cycle);
  void hold();
  void check_hold(int64_t cycle, bool valid);
  void violate(int64_t cycle, const std::string& what);

  const Stream* stream_;
  int layer_;
  LaneMeaning meaning_;
  Wires wires_;
  Frames* frames_;
  size_t bytes_;
  std::vector<uint8_t> beat_, held_beat_;
  bool held_ = false, held_last_ = false;
  BeatPosition at_;
  int64_t frame_ = 0, values_ = 0, mismatches_ = 0;
  Frame expected_frame_;
  const golden::Tensor* expected_ = nullptr;
  bool keep_map_;
  golden::Tensor map_;
  std::optional<Mismatch> first_;
  std::optional<std::string> violation_;
  std::vector<Span> spans_;
};

}  // namespace elb::harness
