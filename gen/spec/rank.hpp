// The k largest values of a frame: one value per cycle into a sorted list.
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/bits.hpp"

namespace elb::spec {

struct RankParams {
  int64_t values = 1;  // of a frame, in order; the last beat may be short
  int lanes = 1;       // values of a beat
  int bits = 1;
  bool is_signed = false;
  int k = 1;  // <= values
  bool operator==(const RankParams&) const = default;
  int index_bits() const { return bits_for(values - 1); }
};

// A beat accepted in cycle t with n values has them compared in t+1 .. t+n and inserted a cycle later. The
// next may be accepted in t+n; the indices are valid from t+n+3 on. A frame waits with its last value until a
// cycle after the indices of the one before have been taken.
struct RankTiming {
  static constexpr int kBeatToNext = 0;     // + n
  static constexpr int kBeatToIndices = 3;  // + n
  static constexpr int kLastToLast = 3;     // at least
};
// Cycles of a frame when nothing else waits; `taken`: from one time that the indices can be taken to the
// next.
constexpr int64_t interval(const RankParams& p, int64_t taken = 1) {
  return std::max(p.values, taken - 1 + RankTiming::kLastToLast);
}

}  // namespace elb::spec
