// Sums of several operands lane by lane: sum over i of base_i + step_i * code_i. What add and quantize
// requantise.
#pragma once
#include <vector>

#include "spec/compute.hpp"

namespace elb::spec {

struct SumOperandsParams {
  struct Operand {
    int bits = 1;            // of a code
    bool is_signed = false;  // raw accumulators are
    int base = 0, step = 1;
    bool operator==(const Operand&) const = default;
  };
  std::vector<Operand> operands;
  int lanes = 1;
  int acc_bits = 1;
  bool acc_signed = true;
  bool operator==(const SumOperandsParams&) const = default;
};

// The operands' values, then one register per adder level.
inline int latency(const SumOperandsParams& p) {
  return 1 + tree_levels(static_cast<int>(p.operands.size()));
}
inline int interval(const SumOperandsParams&) {
  return 1;
}

}  // namespace elb::spec
