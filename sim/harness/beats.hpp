// Where the lanes of a stream's beats lie in its map, and what they hold.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

#include "sim/golden/tensor.hpp"
#include "sim/harness/manifest.hpp"

namespace elb::harness {

// The beat that a stream sends next: counts (y, x/V, c/L), innermost last.
struct BeatPosition {
  int y = 0, xg = 0, cg = 0;

  bool is_last(const Stream& s) const {
    return y == s.shape.h - 1 && xg == s.column_groups() - 1 && cg == s.channel_groups() - 1;
  }
  // True when the frame is over; the position is then that of the next frame's first beat.
  bool advance(const Stream& s) {
    if (++cg < s.channel_groups()) return false;
    cg = 0;
    if (++xg < s.column_groups()) return false;
    xg = 0;
    if (++y < s.shape.h) return false;
    y = 0;
    return true;
  }
  int64_t index(const Stream& s) const {
    return (int64_t{y} * s.column_groups() + xg) * s.channel_groups() + cg;
  }
};

// Bytes that hold a beat and can be read 8 at a time from every byte of it.
inline size_t padded_bytes(const Stream& s) {
  return static_cast<size_t>(s.data_bits() + 7) / 8 + 8;
}

// Bits [low, low + bits) of a padded beat; bits <= 48.
inline uint64_t lane_bits(const uint8_t* beat, int64_t low, int bits) {
  uint64_t v;
  std::memcpy(&v, beat + (low >> 3), 8);
  return (v >> (low & 7)) & ((uint64_t{1} << bits) - 1);
}

// What a lane's bits stand for: base + step·code, or two's complement when `is_signed`.
struct LaneMeaning {
  int64_t base = 0, step = 1;
  int bits = 8;
  bool is_signed = false;

  int64_t value(uint64_t pattern) const {
    const int64_t v = is_signed ? static_cast<int64_t>(pattern << (64 - bits)) >> (64 - bits)
                                : static_cast<int64_t>(pattern);
    return base + step * v;
  }
};
LaneMeaning meaning_of(const Stream& s, const nn::Network& network);

// Calls f(lane_value, y, x, c) for every lane that lies in the map.
template <class F>
void for_each_lane(const Stream& s, const LaneMeaning& meaning, const BeatPosition& at, const uint8_t* beat,
                   F f) {
  for (int v = 0; v < s.columns; ++v) {
    const int x = at.xg * s.columns + v;
    if (x >= s.shape.w) break;
    int64_t low = int64_t{v} * s.channels * s.bits;
    for (int l = 0; l < s.channels; ++l, low += s.bits) {
      const int c = at.cg * s.channels + l;
      if (c >= s.shape.c) break;
      f(meaning.value(lane_bits(beat, low, meaning.bits)), at.y, x, c);
    }
  }
}

// Splitmix64: the same sequence on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  bool percent(int p) { return p > 0 && static_cast<int>(next() % 100) < p; }

 private:
  uint64_t state_;
};

}  // namespace elb::harness
