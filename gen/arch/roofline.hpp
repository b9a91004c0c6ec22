// The roofline of a network on a device: what the budget would allow if nothing but multiply-accumulates took
// any of it, however unevenly a frame's work divides.
//
// A layer's products are taken in the arrays that spec/cost.hpp prices lowest, of any S up to its inputs, in
// LUTs or in DSP slices as serves the whole best. Convolutions and fc count, depthwise ones do not.
#pragma once
#include <string>

#include "arch/search.hpp"
#include "nn/network.hpp"

namespace elb::arch {

struct Roofline {
  double cycles = 0;  // per frame, at least
  std::string binds;  // "lut" or "dsp"; empty: no products
};
Roofline roofline(const nn::Network& net, const Budget& budget, spec::Technology technology);

}  // namespace elb::arch
