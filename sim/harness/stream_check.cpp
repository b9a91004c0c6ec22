#include "sim/harness/stream_check.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"

namespace elb::harness {

LaneMeaning meaning_of(const Stream& s, const nn::Network& network) {
  const std::optional<int> layer = layer_index(network, s.layer);
  ELB_ASSERT(layer, "a stream of no layer");
  LaneMeaning m{.base = 0, .step = 1, .bits = s.bits, .is_signed = s.is_signed};
  if (*layer < 0 || network.layers[static_cast<size_t>(*layer)].act) {
    const nn::ActType& act = network.act_of(*layer);
    m = {.base = act.base(), .step = act.step(), .bits = s.bits, .is_signed = false};
  }
  return m;
}

StreamCheck::StreamCheck(const Stream& stream, const nn::Network& network, Wires wires, Frames& frames,
                         bool keep_map)
    : stream_(&stream),
      layer_(layer_index(network, stream.layer).value()),
      meaning_(meaning_of(stream, network)),
      wires_(wires),
      frames_(&frames),
      bytes_(static_cast<size_t>(stream.data_bits() + 7) / 8),
      beat_(padded_bytes(stream)),
      held_beat_(bytes_),
      keep_map_(keep_map) {
  if (keep_map_) map_ = golden::Tensor(stream.shape);
}

void StreamCheck::violate(int64_t cycle, const std::string& what) {
  if (violation_) return;
  violation_ = fmt::format("stream '{}', image {}, beat {} (cycle {}): {}", stream_->layer, frame_,
                           at_.index(*stream_), cycle, what);
}

void StreamCheck::hold() {
  held_ = true;
  held_last_ = *wires_.last != 0;
  std::memcpy(held_beat_.data(), wires_.data, bytes_);
}

void StreamCheck::check_hold(int64_t cycle, bool valid) {
  if (!valid) {
    violate(cycle, "valid fell before the beat was taken");
  } else if (std::memcmp(held_beat_.data(), wires_.data, bytes_) != 0) {
    violate(cycle, "data changed before the beat was taken");
  } else if (held_last_ != (*wires_.last != 0)) {
    violate(cycle, "last changed before the beat was taken");
  }
}

bool StreamCheck::take(int64_t cycle) {
  if (done()) {
    violate(cycle, "a beat after the last frame");
    return false;
  }
  if (!expected_) {
    expected_frame_ = frames_->get(frame_);
    expected_ = layer_ < 0 ? &expected_frame_->input : &expected_frame_->values[static_cast<size_t>(layer_)];
    spans_.push_back({.first = cycle, .last = -1});
  }
  std::memcpy(beat_.data(), wires_.data, bytes_);
  for_each_lane(*stream_, meaning_, at_, beat_.data(), [&](int64_t got, int y, int x, int c) {
    const int64_t expected = expected_->at(y, x, c);
    ++values_;
    if (keep_map_) map_.at(y, x, c) = static_cast<int32_t>(got);
    if (got == expected) return;
    ++mismatches_;
    if (!first_)
      first_ = Mismatch{
          .image = frame_, .layer = stream_->layer, .y = y, .x = x, .c = c, .expected = expected, .got = got};
  });
  const bool is_last = at_.is_last(*stream_);
  if (is_last != (*wires_.last != 0))
    violate(cycle, is_last ? "last is not set on the frame's last beat" : "last is set within the frame");
  if (!at_.advance(*stream_)) return false;
  spans_.back().last = cycle;
  ++frame_;
  expected_ = nullptr;
  expected_frame_.reset();
  return true;
}

}  // namespace elb::harness
