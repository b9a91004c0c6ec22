// Arithmetic: dot products, reductions.
#include <algorithm>
#include <array>
#include <bit>
#include <vector>

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

namespace {

constexpr int kChain = 3;  // a sum of fewer bits is no carry chain

// Which of two equally wide operands yosys 0.23 makes the chain's other one depends on what it numbered the
// names of before. Of 64 accumulators in designs it was the choice of where the sum begins for 21, which then
// takes LUTs of its own.
int64_t expected_choice_luts(int64_t bits) {
  return bits / 3;
}

// Accumulators of which that holds: where no leaf keeps the choice in the chain's LUTs, and the sum is as
// wide as they are.
int64_t accumulators_chosen_apart(const ComputeParams& p) {
  if (p.preset || p.acc_bits < kChain) return 0;
  if (!is_product_array(p))
    return dot_of(p).sum_bits < p.acc_bits ? 0 : int64_t{p.p} * p.m - accumulators_in_slices(p);
  int64_t n = 0;
  for (const ProductUnits& units : product_units(p)) {
    const ProductDot& plan = plan_product_dot(units.dot);
    if (plan.columns() < p.acc_bits) continue;
    for (size_t d = 0; d < static_cast<size_t>(units.dot.dots); ++d) {
      const uint64_t constant =
          units.dot.add_constant ? 0 : plan.constants[d] * static_cast<uint64_t>(p.folds);
      const bool zero = (constant & ((uint64_t{1} << p.acc_bits) - 1)) == 0;
      n += zero || plan.trees[d].spare_bit ? 0 : units.count;
    }
  }
  return n;
}

}  // namespace

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
  const int64_t in_slices = accumulators_in_slices(p);
  if (in_slices > 0) r.dsp += used_dsp(p);
  r += (lanes - in_slices) * (adder(p.acc_bits) + registers(p.acc_bits));
  r += logic(expected_choice_luts(accumulators_chosen_apart(p) * p.acc_bits));
  if (p.preset) r += logic(1);  // begun
  return r + delay(1, depth) + delay(1, depth) + registers(1) + logic(1);
}

namespace {

// Whether {first, tap} >= {0, acc}, which enables acc, by width of a code: LUTs up to five bits, a carry
// chain from six on.
int64_t running_max_luts(int width) {
  constexpr std::array<int, 9> kLuts{0, 1, 1, 1, 3, 4, 6, 6, 6};
  return kLuts.at(static_cast<size_t>(width));
}

// Of a tap base + step * code with a sign.
int signed_bits(const LaneReduceParams& p) {
  return std::min(p.acc_bits, p.bits + 2 + (p.step == 1 ? 0 : 2));
}

// Registers of a tap base + step * code with a sign. Bits below the lowest one of `base` are the code's;
// those from there on are one function unless they are enough for a carry chain. Of 2 * code - 1 the lowest
// is 1.
int signed_tap_bits(const LaneReduceParams& p) {
  const int doubled = p.step == 1 ? 0 : 1;
  const int bits = signed_bits(p);
  const int low = doubled == 1 ? 1 : std::countr_zero(static_cast<unsigned>(-p.base));
  const int above = bits - std::min(low, bits - 1);
  return std::max(1, bits - doubled - (above < kChain ? above - 1 : 0));
}

}  // namespace

// What lies outside the map sets or resets a register.
Resources cost(const LaneReduceParams& p) {
  const int64_t lanes = int64_t{p.s} * p.m;
  const int width = p.result_bits();
  Resources lane;
  int tap_bits = p.bits;
  bool in_slice = false;  // product, sum and their registers
  const bool signed_sum = p.op == LaneOp::sum && p.base < 0;
  if (p.op == LaneOp::multiply) {
    if (p.weight == WeightCode::integer) {
      tap_bits = p.bits + p.weight_bits;
      // One bit resets a register; a product that is cut to fewer bits than are worth a slice takes LUTs.
      if (p.bits > 1 && std::min(tap_bits, width) < kProductWorthADsp)
        lane += logic(p.bits * p.weight_bits);
      else if (p.bits > 1)
        lane += multiplier(p.bits, p.weight_bits);
      in_slice = lane.dsp > 0;
    } else {
      lane += logic(p.bits);
    }
  } else if (p.op == LaneOp::sum && (p.base != 0 || p.step != 1)) {
    tap_bits =
        p.base < 0 ? signed_tap_bits(p) : p.bits + 1;  // base and step are those of a code: an inverter
  }
  if (!in_slice) lane += registers(signed_sum && p.folds == 1 ? tap_bits : width);
  if (p.folds == 1) return lanes * lane + registers(1);
  int chosen = 0;  // bits of a sum whose begin may be chosen apart
  if (!in_slice) {
    lane += registers(std::min(tap_bits, width));
    // A tap with a sign is extended to the sum, whose choice of where to begin then takes LUTs of its own, or
    // may where the tap is as wide (of four bits 4 to 8 in all).
    const bool has_sign = signed_sum || (p.op == LaneOp::multiply && p.weight == WeightCode::integer);
    const bool few = width == 4 && (p.op == LaneOp::multiply || p.bits == 1);
    const bool as_wide = (signed_sum ? signed_bits(p) : tap_bits) >= width;
    const int sum = !has_sign ? width : few ? (p.padded ? 7 : 6) : as_wide ? width : 2 * width;
    if (has_sign && !few && as_wide) chosen = width;
    lane +=
        p.op == LaneOp::max ? logic(running_max_luts(width) + (width == 1 && p.padded ? 1 : 0)) : adder(sum);
  }
  return lanes * lane + registers(4) + logic(1 + expected_choice_luts(lanes * chosen));
}

namespace {

// Bits low .. high-1 of a sum that vary; those from `width` on are copies of the sign.
struct Varying {
  int low = 0, high = 1, width = 1;
};

Varying varying(const SumOperandsParams::Operand& o, int acc_bits) {
  const int64_t least = o.is_signed ? -(int64_t{1} << (o.bits - 1)) : 0;
  const int64_t most = o.is_signed ? -least - 1 : (int64_t{1} << o.bits) - 1;
  const int64_t ends[] = {o.base + o.step * least, o.base + o.step * most};
  const int64_t lo = std::min(ends[0], ends[1]), hi = std::max(ends[0], ends[1]);
  Varying v;
  while (((o.step >> v.low) & 1) == 0 && v.low + 1 < acc_bits) ++v.low;
  v.width = std::min(acc_bits, lo < 0 ? signed_bits_for(lo, hi) : bits_for(hi));
  v.high = lo < 0 ? acc_bits : v.width;
  return v;
}

}  // namespace

// A carry chain takes a LUT where both operands vary; a constant is added at no cost.
Resources cost(const SumOperandsParams& p) {
  Resources lane;
  std::vector<Varying> level;
  for (const SumOperandsParams::Operand& o : p.operands) {
    level.push_back(varying(o, p.acc_bits));
    lane += registers(std::max(0, level.back().width - level.back().low));
  }
  while (level.size() > 1) {
    std::vector<Varying> next;
    for (size_t i = 0; i < level.size(); i += 2) {
      Varying sum = level[i];
      if (i + 1 < level.size()) {
        const Varying& other = level[i + 1];
        lane += logic(std::max(0, std::min(sum.high, other.high) - std::max(sum.low, other.low)));
        sum = {std::min(sum.low, other.low), std::min(p.acc_bits, std::max(sum.high, other.high) + 1), 0};
        sum.width = sum.high;
      }
      lane += registers(std::max(0, sum.width - sum.low));
      next.push_back(sum);
    }
    level = next;
  }
  return int64_t{p.lanes} * lane + registers(latency(p));
}

namespace {

// Of a value with the one before, and with an entry whose use is one more bit; of few bits without a chain.
Resources value_comparison(int bits) {
  return bits <= 3 ? logic(1) : bits == 4 ? logic(3) : comparison(bits, false);
}
Resources entry_comparison(int bits) {
  return bits <= 2 ? logic(1) : bits <= 4 ? logic(2) : comparison(bits + 1, false);
}

}  // namespace

Resources cost(const RankParams& p) {
  if (p.values == 1) return registers(5) + logic(4);  // handshakes alone
  const int index = p.index_bits();
  // The beat and which of its lanes are held; the highest takes what arrives.
  Resources r = registers(int64_t{p.lanes} * (p.bits + 1));
  if (p.lanes > 1) r += logic(int64_t{p.lanes - 1} * p.bits + p.lanes);
  r += loop_cost_with_last(p.values) + registers(p.values == 3 || p.values == 4 ? 1 : 0);
  // The value at hand, compared with the one that arrives.
  r += registers(p.bits + index + 1) + value_comparison(p.bits);
  // An entry, its use, its comparison, whether it was beaten; its index on the way out.
  Resources entry = registers(3 + p.bits + 2 * int64_t{index});
  entry += entry_comparison(p.bits) + logic(3);
  // What moves up from the entry before; the first takes the value as it is.
  r += p.k * entry + logic(int64_t{p.k - 1} * (p.bits + index));
  // Handshakes.
  return r + registers(5) + logic(9);
}

}  // namespace elb::spec
