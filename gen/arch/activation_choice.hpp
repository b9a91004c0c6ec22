// How a layer's switching points become hardware: n comparisons, or one multiplication where integers exist
// that step at the same places.
#pragma once
#include <optional>
#include <vector>

#include "arch/plan.hpp"
#include "nn/affine.hpp"
#include "nn/codes.hpp"

namespace elb::arch {

// More steps than this are worth a multiplication per channel.
inline constexpr int kManySteps = 15;

// Affine constants of all channels, in the domain of T, with one shift; nothing where one of them has none.
std::optional<std::vector<nn::Affine>> affine_constants(const nn::CodeDomain& domain);

// What the planner takes by itself: affine for many steps where it is proven, else threshold; raw, none.
Activation choose_activation(const nn::Layer& layer);

}  // namespace elb::arch
