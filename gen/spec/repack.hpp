// Width conversion of a pixel's channels: L-lane beats become S-lane words, any ratio.
//
//   A pixel of C channels is ceil(C/L) beats in and ceil(C/S) words out; it begins at lane 0 of a word, and lanes beyond C
//   are zero. V columns go side by side, each through a buffer of its own in lockstep.
//
// The buffer is a lane FIFO in units of gcd(L, S) lanes. Accepting a pixel's last beat rounds the fill up to whole words, so
// pixels never share a word and the sustained rate is one pixel every max(beats, words) cycles.
//
//   in_ready = fill <= 2 S' - 1       (both from the registered fill; S' = words in units)
//   out_valid = fill >= S'
//   fill' = fill - (word out ? S' : 0) + (beat in ? units of the beat : 0)
#pragma once
#include <numeric>

#include "base/bits.hpp"

namespace elb::spec {

struct RepackParams {
  int columns = 1;   // V
  int bits = 1;      // of a lane
  int channels = 1;  // C
  int in_lanes = 1;  // L
  int out_lanes = 1;  // S
  bool operator==(const RepackParams&) const = default;

  bool passes() const { return in_lanes == out_lanes; }  // no buffer: only the tail is masked
  int beats() const { return static_cast<int>(ceil_div(channels, in_lanes)); }
  int words() const { return static_cast<int>(ceil_div(channels, out_lanes)); }
  int unit() const { return std::gcd(in_lanes, out_lanes); }
  int word_units() const { return out_lanes / unit(); }
  int beat_units() const { return in_lanes / unit(); }
  int last_beat_units() const { return words() * word_units() - (beats() - 1) * beat_units(); }
  int max_units() const { return beats() == 1 ? last_beat_units() : (last_beat_units() > beat_units() ? last_beat_units() : beat_units()); }
  int capacity_units() const { return 2 * word_units() - 1 + max_units(); }
  int cycles() const { return beats() > words() ? beats() : words(); }  // per pixel
};

}  // namespace elb::spec
