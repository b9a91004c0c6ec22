// The pass that leaves integers only: bounds every accumulator, and turns each real-valued tail into the
// accumulators at which it steps.
//
//   nn::fold(net);   // fills acc, acc_channel of every layer; steps where the layer has a real tail; codes
//
// Bounds come from the real weights and the range of the input's activation; where a window can reach into
// padding, every term's range holds the pad value too. They are sound for every input, and tight without
// padding.
//
// Switching points are found by bisection on f itself (nn/tail.hpp) over the reachable accumulators [lo, hi]
// of each channel. A step that every reachable accumulator has made stands at lo, one that none makes at hi
// + 1. Where f falls (negative gamma), the steps are `reversed`; a channel in which f never steps is not.
// Thresholds given by the network stay as they are.
#pragma once
#include "nn/network.hpp"

namespace elb::nn {

void fold(Network& net);

// Fills what follows from a layer's bounds and steps: `codes`, and nothing is known of `affine` yet.
void settle_codes(Layer& layer);

// The reachable accumulators of one layer, per output channel; `inputs` are the activations of all its
// inputs. For layers without a tail: the values that they hand on.
std::vector<Interval> bound_accumulators(const Layer& layer, const std::vector<ActType>& inputs);

// The switching points of a layer with `real` over layer.acc_channel.
std::vector<Steps> switching_points(const Layer& layer);

}  // namespace elb::nn
