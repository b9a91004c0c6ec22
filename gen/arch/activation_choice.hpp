// How a layer's switching points become hardware: n comparisons, or one multiplication where integers exist
// that step at the same places.
#pragma once
#include <optional>
#include <vector>

#include "arch/plan.hpp"
#include "nn/affine.hpp"
#include "nn/codes.hpp"
#include "spec/activation.hpp"

namespace elb::arch {

struct AffineLayer {
  std::vector<nn::Affine> channels;  // in the domain of T, with one shift
  int factor_bits = 0;               // as spec::ActivationParams has it
};
// Of a folded layer. Nothing where a channel has no such constants, or where the product would take more than
// two DSP slices.
std::optional<AffineLayer> affine_layer(const nn::Layer& layer);

// Bits of T, at most: from the layer's shape, without its weights.
int most_accumulator_bits(const nn::Layer& layer);

// What the planner takes by itself for a stage of this shape (spec::ActivationParams without constants):
// affine where that is smaller, block RAM and DSP slices weighed by what an XC7Z045 has of them, and proven;
// else threshold; raw, none.
Activation choose_activation(const nn::Layer& layer, const spec::ActivationParams& shape);

}  // namespace elb::arch
