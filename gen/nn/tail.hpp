// The real-valued tail of a layer: one monotone function per channel, in IEEE double and in the order of
// docs/network-format.md.
//
//   f(acc) = clamp(floor((gamma (S acc + bias - mu) / sqrt(sigma^2 + epsilon) + delta) / scale + 1/2), lo,
//   hi)
#pragma once
#include <cstdint>

#include "nn/network.hpp"

namespace elb::nn {

// The value (of layer.act) that an accumulator of `channel` becomes. The layer has `real`.
int real_tail_eval(const Layer& layer, int channel, int64_t acc);

}  // namespace elb::nn
