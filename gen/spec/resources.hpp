// What a circuit takes of an FPGA.
//
//   lut     LUT6 sites, those that serve as RAM or shift register included
//   ff      flip-flops
//   bram18  halves of a 36-Kbit block RAM
//   dsp     DSP slices
//   uram    UltraRAM blocks, of technology xcup alone
#pragma once
#include <cstdint>

namespace elb::spec {

struct Resources {
  int64_t lut = 0, ff = 0, bram18 = 0, dsp = 0, uram = 0;

  double bram36() const { return static_cast<double>(bram18) / 2; }
  bool operator==(const Resources&) const = default;
  Resources& operator+=(const Resources& o) {
    lut += o.lut, ff += o.ff, bram18 += o.bram18, dsp += o.dsp, uram += o.uram;
    return *this;
  }
  friend Resources operator+(Resources a, const Resources& b) { return a += b; }
  friend Resources operator*(int64_t n, const Resources& r) {
    return {n * r.lut, n * r.ff, n * r.bram18, n * r.dsp, n * r.uram};
  }
};

}  // namespace elb::spec
