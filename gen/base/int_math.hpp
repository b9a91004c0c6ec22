// Division and remainder that round down, for negative numbers too; / and % of C++ round towards zero.
// (ceil_div of counts, which are never negative, stands in base/bits.hpp.)
#pragma once
#include <cstdint>

namespace elb {

// The largest q with q * b <= a; b != 0.
constexpr int64_t floor_div(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
// a - n * floor_div(a, n), so 0 .. n-1; n > 0.
constexpr int64_t floor_mod(int64_t a, int64_t n) {
  return a - n * floor_div(a, n);
}

}  // namespace elb
