// Add and quantize: beats of all operands meet, their values are summed and requantised.
//
//   chain    each operand is brought to the output's V and L (spec/convert.hpp)
//   join     a beat is taken from every chain in the same cycle t: all valid, and a credit left
//
//   cycle    t       t + kMeet    t + latency      t + latency + 1
//            join    codes        push             out_valid
#pragma once
#include "spec/activation.hpp"
#include "spec/stage.hpp"
#include "spec/sum_operands.hpp"

namespace elb::spec {

// The operands' codes are registered before they are summed: a FIFO's read and a repack are LUTs enough for a
// cycle.
inline constexpr int kMeet = 1;

SumOperandsParams sum_params(const ElementwiseStage& stage);
// Joined beat to push into the output FIFO. A credit is given back one cycle after its beat is popped.
int latency(const ElementwiseStage& stage);
// The smallest output FIFO that never limits the rate: a credit is away from issue to the cycle after its
// pop.
int full_rate_depth(const ElementwiseStage& stage);

}  // namespace elb::spec
