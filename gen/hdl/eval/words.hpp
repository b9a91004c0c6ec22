// Patterns of any width as little-endian 64-bit words; bits above the width are 0.
#pragma once
#include <cstdint>
#include <vector>

#include "base/bits.hpp"

namespace elb::hdl::eval {

inline int word_count(int width) {
  return (width + 63) / 64;
}
inline uint64_t mask_of(int width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}
// The lowest `width` bits as two's complement.
inline int64_t signed_value(uint64_t pattern, int width) {
  return static_cast<int64_t>(pattern << (64 - width)) >> (64 - width);
}
inline void clear_above(uint64_t* words, int width) {
  words[(width - 1) / 64] &= mask_of((width - 1) % 64 + 1);
}
// The 64 bits from `low` upwards of `count` words; beyond them come zeros.
inline uint64_t word_at(const uint64_t* words, int count, int64_t low) {
  const int64_t i = low >> 6;
  const int shift = static_cast<int>(low & 63);
  if (i >= count) return 0;
  uint64_t v = words[i] >> shift;
  if (shift != 0 && i + 1 < count) v |= words[i + 1] << (64 - shift);
  return v;
}
inline void store(const Bits& from, uint64_t* to) {
  for (int low = 0; low < from.width(); low += 64)
    to[low / 64] = from.get(low, from.width() - low < 64 ? from.width() - low : 64);
}
inline Bits load(const uint64_t* from, int width) {
  Bits b(width);
  for (int low = 0; low < width; low += 64) b.set(low, width - low < 64 ? width - low : 64, from[low / 64]);
  return b;
}

}  // namespace elb::hdl::eval
