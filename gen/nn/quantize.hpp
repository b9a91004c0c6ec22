// Real weights to the integers of a weight kind, as the AccELB paper does it (arXiv 1808.04311, eq. 1 and 2).
#pragma once
#include <cstdint>
#include <vector>

#include "nn/network.hpp"

namespace elb::nn {

struct QuantizedWeights {
  std::vector<int8_t> weights;
  double scale = 1;  // E: real weight ~ E * integer
};

// `w` is a whole layer's tensor; sums run over it in order, in double. `given_scale`: empty, or the tensor
// `weight_scale`, one value or one per output channel (w.size() is a multiple); it then serves int kinds in
// place of E, and `scale` is 1.
QuantizedWeights quantize_weights(const std::vector<float>& w, const WeightType& type,
                                  const std::vector<double>& given_scale);

}  // namespace elb::nn
