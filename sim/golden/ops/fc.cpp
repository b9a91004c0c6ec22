#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor fc(const Tensor& in, std::span<const int8_t> weights, int out_channels) {
  const size_t inputs = in.data.size();
  ELB_ASSERT(weights.size() == static_cast<size_t>(out_channels) * inputs,
             "a fully connected layer has a wrong number of weights");
  Tensor acc({1, 1, out_channels});
  for (int o = 0; o < out_channels; ++o) {
    const size_t row = static_cast<size_t>(o) * inputs;
    int64_t sum = 0;
    for (size_t i = 0; i < inputs; ++i) sum += int64_t{weights[row + i]} * in.data[i];
    acc.at(0, 0, o) = stored(sum);
  }
  return acc;
}

}  // namespace elb::golden::ops
