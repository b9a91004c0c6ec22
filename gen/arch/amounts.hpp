// Resources as numbers in one order; `dram` is beats per frame.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "spec/resources.hpp"

namespace elb::arch {

inline constexpr int kLut = 0, kFf = 1, kBram18 = 2, kDsp = 3, kUram = 4, kDram = 5, kKinds = 6;
using Amounts = std::array<int64_t, kKinds>;
inline const std::array<const char*, kKinds> kKindNames = {"lut", "ff", "bram36", "dsp", "uram", "memory"};

inline Amounts amounts(const spec::Resources& r, int64_t dram_beats = 0) {
  return {r.lut, r.ff, r.bram18, r.dsp, r.uram, dram_beats};
}
// Whether a takes no more than b of anything.
inline bool no_more(const Amounts& a, const Amounts& b) {
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (a[kind] > b[kind]) return false;
  }
  return true;
}

}  // namespace elb::arch
