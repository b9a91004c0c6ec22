// The constants of an activation stage in issue order: tile = (channel group, kernel fold), then kernel lane.
#pragma once
#include "arch/plan.hpp"
#include "nn/codes.hpp"
#include "spec/activation.hpp"

namespace elb::arch {

struct ActivationLanes {
  int groups = 1;   // channel groups
  int kernels = 1;  // of one group
  int p = 1, m = 1;
};

// Of a stage with an activation: what its unit takes at once.
ActivationLanes activation_lanes(const nn::Layer& layer, const Stage& stage);

// Where the constants of a kernel of one of the channel groups stand.
size_t constants_of(const spec::ActivationParams& p, int groups, int group, int kernel);

// Without constants: all that the latency depends on, and bits of T from the layer's shape.
spec::ActivationParams activation_shape(const nn::Layer& layer, const Stage& stage,
                                        spec::Technology technology);

// Of a folded layer: everything but the accumulator's type and the names.
spec::ActivationParams activation_params(const nn::Layer& layer, const Stage& stage,
                                         const ActivationLanes& lanes, spec::Technology technology);

}  // namespace elb::arch
