#include "spec/repack.hpp"

#include <algorithm>

namespace elb::spec {

int beats_per_pixel(const RepackParams& p) {
  return static_cast<int>(ceil_div(p.channels, p.in_lanes));
}

int words_per_pixel(const RepackParams& p) {
  return static_cast<int>(ceil_div(p.channels, p.out_lanes));
}

int cycles_per_pixel(const RepackParams& p) {
  return std::max(beats_per_pixel(p), words_per_pixel(p));
}

RepackKind repack_kind(const RepackParams& p) {
  if (p.in_lanes == p.out_lanes || cycles_per_pixel(p) == 1) return RepackKind::wires;
  return p.in_lanes < p.out_lanes ? RepackKind::widen : RepackKind::narrow;
}

int words_ended_by(const RepackParams& p, int beat) {
  const int before = static_cast<int>(int64_t{beat} * p.in_lanes / p.out_lanes);
  if (beat == beats_per_pixel(p) - 1) return words_per_pixel(p) - before;
  return static_cast<int>(int64_t{beat + 1} * p.in_lanes / p.out_lanes) - before;
}

bool has_flush(const RepackParams& p) {
  return repack_kind(p) == RepackKind::widen && words_ended_by(p, beats_per_pixel(p) - 1) == 2;
}

bool RepackTiming::valid(bool in_valid) const {
  return flush_ || (in_valid && words_ended_by(p_, beat_) > 0);
}

bool RepackTiming::ready(bool out_ready) const {
  const int ends = words_ended_by(p_, beat_);
  if (repack_kind(p_) != RepackKind::widen) return out_ready && sent_ == ends - 1;
  return ends == 0 ? !flush_ || out_ready : out_ready;
}

void RepackTiming::clock(bool in_valid, bool out_ready) {
  const bool send = valid(in_valid) && out_ready;
  const bool take = in_valid && ready(out_ready);
  if (send && !take && !flush_) ++sent_;
  if (send) flush_ = false;
  if (!take) return;
  sent_ = 0;
  const bool last = beat_ == beats_per_pixel(p_) - 1;
  if (last && has_flush(p_)) flush_ = true;
  beat_ = last ? 0 : beat_ + 1;
}

}  // namespace elb::spec
