#include "spec/repack.hpp"

#include <algorithm>
#include <numeric>

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

RepackSources repack_sources(const RepackParams& p) {
  RepackSources s;
  const int all = words_per_pixel(p);
  s.grain_lanes = std::gcd(p.in_lanes, p.out_lanes);
  s.in = p.in_lanes / s.grain_lanes;
  s.out = p.out_lanes / s.grain_lanes;
  s.words = std::min(all, s.in);
  s.repeats = s.words < all;
  s.pixel_words = all;
  s.pixel_grains = ceil_div(p.channels, s.grain_lanes);
  s.last_lanes = p.channels - (all - 1) * p.out_lanes;
  s.flushes = has_flush(p);
  return s;
}

RepackTiming::RepackTiming(const RepackParams& p)
    : widen_(repack_kind(p) == RepackKind::widen), has_flush_(has_flush(p)) {
  for (int beat = 0; beat < beats_per_pixel(p); ++beat) ends_.push_back(words_ended_by(p, beat));
}

}  // namespace elb::spec
