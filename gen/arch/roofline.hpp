// The roofline of a network on a device: what the budget would allow if nothing but multiply-accumulates took
// any of it, however unevenly a frame's work divides.
//
// A layer's products are taken in the arrays that spec/cost.hpp prices lowest, of any S up to its inputs, in
// LUTs or in DSP slices as serves the whole best. Convolutions and fc count, depthwise ones do not.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "arch/search.hpp"
#include "nn/network.hpp"

namespace elb::arch {

struct Roofline {
  double cycles = 0;  // per frame, at least
  std::string binds;  // "lut" or "dsp"; empty: no products
};

// Of networks on one budget; what layers of equal shape can be made of is looked at once.
class Rooflines {
 public:
  explicit Rooflines(const Budget& budget) : budget_(budget) {}
  Roofline of(const nn::Network& net, spec::Technology technology);

 private:
  // Shares of the budget per cycle of a frame.
  struct Work {
    double lut = 0, dsp = 0;
  };
  std::vector<Work> work_of(const nn::Layer& layer, const LayerShape& shape) const;

  Budget budget_;
  std::unordered_map<std::string, std::vector<Work>> work_;
};

}  // namespace elb::arch
