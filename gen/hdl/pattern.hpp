// Bit patterns of at most 64 bits.
#pragma once
#include <cstdint>

namespace elb::hdl {

inline uint64_t pattern_mask(int width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

// The number that a two's complement pattern means.
inline int64_t as_signed_value(uint64_t pattern, int width) {
  if (width >= 64) return static_cast<int64_t>(pattern);
  const uint64_t sign = uint64_t{1} << (width - 1);
  return static_cast<int64_t>((pattern ^ sign) - sign);
}

}  // namespace elb::hdl
