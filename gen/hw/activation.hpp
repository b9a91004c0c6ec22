// The activation unit: accumulators T of a tile become codes (spec/activation.hpp), per channel, one tile per
// cycle.
//
//   threshold  count of the points <= T, found by bisection (hw/threshold_search.hpp)
//   affine     (alpha * T + beta) >> shift, clamped to 0..n: T, saturated where that changes no code; one or
//              two products in DSP slices with beta, the second on top of the first one's upper bits; where
//              the sum lies; the code
//   raw        kappa * T + offset
//
// The tile counter advances with `valid` and picks the constants; M pixels share them. Under sweeps it goes
// back to the place's first tile with `tile_end`, unless `sweep_end` holds too.
//
//   latency   spec::latency(ActivationParams)   interval 1
//   cycle              0      1            2            3
//   n = 7, few points  T      bit 2        bits 2, 1    code, out_valid
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/activation.hpp"

namespace elb::hw {

struct ActivationUnit {
  using Params = spec::ActivationParams;
  struct In {
    hdl::Sig valid;
    hdl::Sig tile_end = {};   // swept, several tiles a place: the place's last
    hdl::Sig sweep_end = {};  // swept: and that of the sweep's last place
    hdl::Sig t;               // lane (m, p) at (m*P + p) * in_bits
  };
  struct Out {
    hdl::Sig valid;
    hdl::Sig codes;  // lane (m, p) at (m*P + p) * out_bits
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    if (p.sweep_tiles > 1) io.in("tile_end", &In::tile_end, hdl::u(1));
    if (p.sweep_tiles > 0) io.in("sweep_end", &In::sweep_end, hdl::u(1));
    io.in("t", &In::t, hdl::u(p.m * p.p * p.in_bits));
    io.out("out_valid", &Out::valid, hdl::u(1));
    io.out("out_codes", &Out::codes, hdl::u(p.m * p.p * p.out_bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
