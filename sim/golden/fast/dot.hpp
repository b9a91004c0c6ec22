// The ways this machine can compute a block of dot products.
#pragma once
#include <string>
#include <vector>

#include "sim/golden/fast/block.hpp"

namespace elb::golden::fast {

struct DotKernel {
  std::string name;
  void (*run)(const Block&) = nullptr;
  bool narrow = false;  // exact only where 2 * max x * max |w| <= 32767
};

// All that the processor at hand can run, fastest first; the last one is a plain loop and runs everywhere.
std::vector<DotKernel> dot_kernels();

bool exact_for(const DotKernel& kernel, int max_x, int max_w);

// The fastest that is exact for activations up to max_x and weights up to max_w in magnitude.
DotKernel choose_dot(int max_x, int max_w);

}  // namespace elb::golden::fast
