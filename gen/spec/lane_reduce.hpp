// The arithmetic of pools and depthwise convolutions: S channels x M pixels, each reduced over the F taps of
// a tile, none summed with another.
//
//   max       result = max of codes; a padded tap counts as code 0, which never wins
//   sum       result = sum of values, base + step * code each; a padded tap adds pad_value
//   multiply  result = sum of t(code, weight) as in ComputeParams; padded taps carry their pad code already
#pragma once
#include "spec/compute.hpp"

namespace elb::spec {

enum class LaneOp { max, sum, multiply };

struct LaneReduceParams {
  LaneOp op = LaneOp::max;
  int s = 1, m = 1;
  int bits = 1;                             // of a code
  bool padded = false;                      // some taps may lie outside the map (max, sum)
  int base = 0, step = 1, pad_value = 0;    // sum
  WeightCode weight = WeightCode::ternary;  // multiply
  int weight_bits = 0;
  int folds = 1;
  int acc_bits = 1;  // sum, multiply: of the result; max: `bits`
  bool acc_signed = false;
  bool operator==(const LaneReduceParams&) const = default;
  int result_bits() const { return op == LaneOp::max ? bits : acc_bits; }
};

// From the tile's last word to its result: the tap's value, then the reduction.
constexpr int latency(const LaneReduceParams& p) {
  return p.folds > 1 ? 2 : 1;
}
constexpr int interval(const LaneReduceParams&) {
  return 1;
}

}  // namespace elb::spec
