#include "spec/compute.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "spec/product_dot.hpp"
#include "spec/select_dot.hpp"

namespace elb::spec {
namespace {

constexpr int kProductWorthADsp = 9;  // bits of both factors, as synthesis has it

}  // namespace

int tree_levels(int n) {
  ELB_ASSERT(n >= 1, "a tree has an operand");
  int levels = 0;
  for (int width = n; width > 1; width = static_cast<int>(ceil_div(width, 2))) ++levels;
  return levels;
}

DotParams dot_of(const ComputeParams& p) {
  DotParams dot{.technology = p.technology,
                .weight = p.weight,
                .weight_bits = p.weight_bits,
                .act_bits = p.act_bits,
                .s = p.s,
                .sum_bits = p.acc_bits};
  dot.sum_bits = partial_sum_bits(dot, p.s);
  return dot;
}

int partial_sum_bits(const DotParams& p, int terms) {
  const int64_t code = (int64_t{1} << p.act_bits) - 1;
  if (p.weight != WeightCode::integer) return std::min(p.sum_bits, bits_for(code * terms));
  const int64_t weight = int64_t{1} << (p.weight_bits - 1);
  return std::min(p.sum_bits, signed_bits_for(-weight * code * terms, (weight - 1) * code * terms));
}

bool is_mapped(const DotParams& p) {
  return has_primitives(p.technology) && p.weight != WeightCode::integer;
}

int64_t most_dsp(const ComputeParams& p) {
  const int64_t lanes = int64_t{p.p} * p.m;
  if (is_product_array(p)) return p.act_bits < 2 ? 0 : ceil_div(lanes, 2) * p.s;
  const int per_slice = accumulators_of_slice(p.acc_bits);
  return is_mapped(dot_of(p)) && p.folds > 1 && per_slice > 0 ? ceil_div(lanes, per_slice) : 0;
}

int64_t used_dsp(const ComputeParams& p) {
  if (p.dsp == kMostDsp) return most_dsp(p);
  if (p.dsp != kAllDsp) return std::min<int64_t>(p.dsp, most_dsp(p));
  return is_product_array(p) && p.act_bits + p.weight_bits >= kProductWorthADsp ? most_dsp(p) : 0;
}

int64_t accumulators_in_slices(const ComputeParams& p) {
  if (is_product_array(p)) return 0;
  return std::min(int64_t{p.p} * p.m, used_dsp(p) * accumulators_of_slice(p.acc_bits));
}

bool is_product_array(const ComputeParams& p) {
  return has_primitives(p.technology) && p.weight == WeightCode::integer;
}

int dot_latency(const ComputeParams& p) {
  if (!is_product_array(p)) return latency(dot_of(p));
  int cycles = 0;
  for (const ProductUnits& units : product_units(p)) cycles = std::max(cycles, latency(units.dot));
  return cycles;
}

int latency(const DotParams& p) {
  if (is_mapped(p)) return latency(plan_select_dot(p));
  if (p.weight == WeightCode::integer) return 1 + tree_levels(p.s);
  return std::max(1, tree_levels(p.s));
}

int latency(const ComputeParams& p) {
  return dot_latency(p) + (p.folds > 1 ? 1 : 0);
}

}  // namespace elb::spec
