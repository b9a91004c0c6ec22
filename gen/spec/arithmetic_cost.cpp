// Arithmetic: dot products, reductions.
#include <algorithm>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/product_dot.hpp"
#include "spec/select_dot.hpp"

namespace elb::spec {
namespace {

constexpr int kDspA = 24, kDspB = 17;  // of a DSP48's unsigned operands
constexpr int kProductWorthADsp = 9;   // bits

bool product_in_dsp(const DotParams& p) {
  return p.act_bits >= 2 && p.weight_bits >= 2 && p.act_bits + p.weight_bits >= kProductWorthADsp;
}

}  // namespace

Resources multiplier(int a_bits, int b_bits) {
  if (a_bits <= 1 || b_bits <= 1) return logic(a_bits * b_bits);
  if (a_bits + b_bits < kProductWorthADsp) return logic(int64_t{a_bits} * b_bits);
  const int wide = std::max(a_bits, b_bits), narrow = std::min(a_bits, b_bits);
  return {.dsp = ceil_div(wide, kDspA) * ceil_div(narrow, kDspB)};
}

Resources cost(const DotParams& p) {
  if (is_mapped(p)) return cost(plan_select_dot(p));
  Resources r;
  const bool integer = p.weight == WeightCode::integer;
  if (integer) {
    const int product = partial_sum_bits(p, 1);
    r += int64_t{p.s} * multiplier(p.act_bits, p.weight_bits);
    if (!product_in_dsp(p)) r += registers(int64_t{p.s} * product);
  } else if (p.s == 1) {
    return logic(p.act_bits) + registers(p.act_bits);
  } else {
    // Selected operands: one half is made inside the LUTs of the first level's carry, the other beside it.
    r += logic(int64_t{p.s / 2} * p.act_bits);
  }
  // A level at a time: `nodes` sums, all but the last of `terms` terms.
  int64_t nodes = p.s;
  int terms = 1, last = 1;
  while (nodes > 1) {
    const auto sums = [&](int64_t n, int of, bool pair) {
      const int width = partial_sum_bits(p, of);
      // The top bit of an unsigned sum is the chain's carry.
      if (pair) r += logic(n * (integer ? width : std::max(1, width - 1)));
      r += registers(n * width);
    };
    const bool even = nodes % 2 == 0;
    sums(nodes / 2 - (even ? 1 : 0), 2 * terms, true);
    if (even) last += terms;
    sums(1, last, even);
    nodes = (nodes + 1) / 2;
    terms *= 2;
  }
  return r;
}

Resources cost(const ComputeParams& p) {
  const int64_t lanes = int64_t{p.p} * p.m;
  const int depth = dot_latency(p);
  Resources r;
  if (is_product_array(p)) {
    r = product_units_cost(p);
  } else {
    r = lanes * cost(dot_of(p));
  }
  r += registers(depth);  // valid has a reset
  if (p.folds == 1) return r;
  r += lanes * (adder(p.acc_bits) + registers(p.acc_bits));
  return r + delay(1, depth) + delay(1, depth) + registers(1) + logic(1);
}

Resources cost(const LaneReduceParams& p) {
  const int64_t lanes = int64_t{p.s} * p.m;
  const int width = p.result_bits();
  Resources lane;
  int tap_bits = p.bits;
  if (p.op == LaneOp::multiply) {
    if (p.weight == WeightCode::integer) {
      lane += multiplier(p.bits, p.weight_bits);
      tap_bits = p.bits + p.weight_bits;
    } else {
      lane += logic(p.bits);
    }
  } else if (p.op == LaneOp::sum && (p.base != 0 || p.step != 1)) {
    tap_bits = p.bits + 1;
    lane += logic(tap_bits);
  } else if (p.padded) {
    lane += logic(p.bits);
  }
  lane += registers(width);
  if (p.folds == 1) return lanes * lane + registers(1);
  lane += registers(std::min(tap_bits, width));
  // max: a comparison, then a choice; sums: one chain.
  lane += p.op == LaneOp::max ? comparison(width, false) + logic(width) : adder(width);
  return lanes * lane + registers(4) + logic(1);
}

Resources cost(const SumOperandsParams& p) {
  Resources lane;
  for (const SumOperandsParams::Operand& o : p.operands) {
    lane += registers(p.acc_bits);
    if (o.base != 0 || o.step != 1) lane += adder(p.acc_bits);
  }
  for (size_t n = p.operands.size(); n > 1; n = (n + 1) / 2) {
    lane += static_cast<int64_t>(n / 2) * adder(p.acc_bits);
    lane += registers(static_cast<int64_t>((n + 1) / 2) * p.acc_bits);
  }
  return int64_t{p.lanes} * lane + registers(latency(p));
}

Resources cost(const RankParams& p) {
  const int index = p.index_bits();
  Resources r = loop_cost(p.lanes + 1) + loop_cost(p.values) + registers(int64_t{p.lanes} * p.bits);
  r += logic(p.lanes > 1 ? int64_t{p.lanes} * p.bits : 0);
  const Resources entry =
      registers(1 + p.bits + index) + adder(p.bits) + logic(2 + p.bits + 2 * int64_t{index});
  return r + p.k * (entry + registers(index)) + registers(1) + logic(6);
}

}  // namespace elb::spec
