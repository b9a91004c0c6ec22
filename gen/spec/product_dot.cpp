#include "spec/product_dot.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <tuple>

#include "base/assert.hpp"
#include "spec/logic_cost.hpp"

namespace elb::spec {
namespace {

constexpr int kMostLanes = 4;  // of a chain: operands of lane i wait i cycles
constexpr uint64_t kModulo = (uint64_t{1} << 63) - 1;

int chain_sum_bits(const ProductDotParams& p, int lanes) {
  const int64_t code = (int64_t{1} << p.act_bits) - 1, weight = int64_t{1} << (p.weight_bits - 1);
  return signed_bits_for(-lanes * weight * code, lanes * (weight - 1) * code);
}

std::vector<SliceChain> chains_of(const ProductDotParams& p, int shift, int most_lanes) {
  std::vector<SliceChain> chains;
  const int n = static_cast<int>(ceil_div(p.slices, most_lanes));
  for (int i = 0, first = 0; i < n; ++i) {
    SliceChain c{.first = first, .lanes = static_cast<int>(ceil_div(p.slices - first, n - i))};
    c.sum_bits = chain_sum_bits(p, c.lanes);
    if (p.dots == 2 && c.sum_bits > shift) {
      c.over = c.lanes > 2 ? 2 : 1;
      c.sum_bits = std::max(c.sum_bits, shift + c.over);
    }
    first += c.lanes;
    chains.push_back(c);
  }
  return chains;
}

// The bits of one sum by the cycle in which they come, without end of columns.
class Collector {
 public:
  void add(int cycle, int column, int bits) {
    std::vector<int>& h = by_cycle_[cycle];
    h.resize(std::max<size_t>(h.size(), static_cast<size_t>(column + bits)), 0);
    for (int i = column; i < column + bits; ++i) ++h[i];
  }
  void negative(int column) { constant_ -= uint64_t{1} << column; }
  void add_constant(int64_t value) { constant_ += static_cast<uint64_t>(value); }
  uint64_t constant() const { return constant_ & kModulo; }
  // Heights from `first_cycle` on, cut to `columns`.
  std::vector<std::vector<int>> heights(int first_cycle, int columns) const {
    std::vector<std::vector<int>> out;
    for (const auto& [cycle, h] : by_cycle_) {
      while (static_cast<int>(out.size()) <= cycle - first_cycle) out.emplace_back(columns, 0);
      for (size_t i = 0; i < std::min<size_t>(h.size(), static_cast<size_t>(columns)); ++i)
        out.back()[i] += h[i];
    }
    return out;
  }
  int first_cycle() const { return by_cycle_.begin()->first; }

 private:
  std::map<int, std::vector<int>> by_cycle_;
  uint64_t constant_ = 0;
};

Collector collect(const ProductDotParams& p, const std::vector<SliceChain>& chains, int shift, bool high) {
  Collector c;
  for (const SliceChain& chain : chains) {
    const int here = chain.cycle();
    c.negative(chain.sum_bits - 1);
    if (!high) {
      const int field = chain.over > 0 ? shift : chain.sum_bits;
      c.add(here, 0, field);
      if (chain.over > 0) c.add(here + 1, field, chain.over);
    } else {
      c.add(here, 0, chain.sum_bits);
      if (chain.over == 0) c.add(here, 0, 1);
      if (chain.over > 0) c.add(here + 1, 0, chain.over);
      if (chain.over == 2) c.negative(0);
    }
  }
  for (const LutLanes& lanes : lut_lanes(p)) {
    for (const ProductBit& bit : product_bits(lanes.multiplier)) c.add(bit.cycle, bit.weight, 1);
    c.add_constant(product_constant(lanes.multiplier));
  }
  for (const GatedRows& rows : gated_rows(p)) {
    const int apart = rows.bit1 - rows.bit0;
    c.add(1, rows.bit0, p.weight_bits + apart + 1);
    c.negative(p.weight_bits - 1 + rows.bit0);
    c.negative(p.weight_bits - 1 + rows.bit1);
  }
  return c;
}

ProductDot with_chains(const ProductDotParams& p, int most_lanes) {
  ProductDot plan;
  plan.shift = p.operand_bits - p.x_bits();
  plan.chains = chains_of(p, plan.shift, most_lanes);
  std::vector<Collector> dots;
  for (int d = 0; d < p.dots; ++d) dots.push_back(collect(p, plan.chains, plan.shift, d == 1));
  plan.first_cycle = dots.front().first_cycle();
  const int64_t most = p.s * ((int64_t{1} << (p.weight_bits - 1)) - 1) * ((int64_t{1} << p.act_bits) - 1);
  int columns = p.sum_bits;
  if (!p.add_constant) {  // the sum of what is added, which is not negative
    int needed = 1;
    for (const Collector& d : dots)
      needed = std::max(needed, bits_for(most + static_cast<int64_t>((0 - d.constant()) & kModulo)));
    columns = std::min(columns, needed);
  }
  for (const Collector& d : dots) {
    std::vector<std::vector<int>> heights = d.heights(plan.first_cycle, columns);
    plan.constants.push_back(d.constant());
    plan.constant_bits.emplace_back();
    for (int i = 0; i < columns && p.add_constant; ++i) {
      if (((d.constant() >> i) & 1) == 0) continue;
      plan.constant_bits.back().push_back(i);
      ++heights.front()[i];
    }
    plan.trees.push_back(
        plan_adder_tree(heights.front(), {heights.begin() + 1, heights.end()}, !p.add_constant));
  }
  return plan;
}

int borrow_sites(const SliceChain& c) {
  return c.over == 0 ? 0 : c.over == 1 ? 1 : c.lanes + 3;
}

// Registers of elb_field_borrow, and those in front of the third and fourth slice.
int64_t chain_registers(const ProductDotParams& p, const SliceChain& c) {
  const int64_t operands = p.dots * p.x_bits() + p.y_bits();
  const int64_t borrow = c.over == 0   ? 0
                         : c.over == 1 ? 4 * (c.lanes + 2) + 1
                                       : 2 * c.lanes + 3 * (c.lanes + 1) + 2;
  return borrow + operands * (c.lanes == 4 ? 3 : c.lanes == 3 ? 1 : 0);
}

int levels_end(const ProductDot& plan, const AdderTree& tree) {
  return plan.first_cycle + static_cast<int>(tree.levels.size());
}

int latency(const ProductDot& plan) {
  int end = 0;
  for (const AdderTree& tree : plan.trees) end = std::max(end, levels_end(plan, tree));
  return end;
}

int carry4(const ProductDotParams& p, const ProductDot& plan) {
  int cells = 0;
  for (const AdderTree& tree : plan.trees) {
    for (const std::vector<Chain>& level : tree.levels) cells += carry4_cells(level);
  }
  for (const GatedRows& rows : gated_rows(p))
    cells += p.dots * static_cast<int>(ceil_div(p.weight_bits + rows.bit1 - rows.bit0, 4));
  for (const LutLanes& lanes : lut_lanes(p)) {
    for (const LutRow& row : lut_rows(lanes.multiplier))
      cells += p.dots * static_cast<int>(ceil_div(row.bits, 4));
  }
  return cells;
}

Resources cost(const ProductDotParams& p, const ProductDot& plan) {
  Resources r{.lut = 0, .ff = 0, .bram18 = 0, .dsp = p.slices};
  for (const AdderTree& tree : plan.trees) {
    r += logic(lut_sites(tree)) + registers(registers(tree)) +
         registers(int64_t{plan.columns() + (tree.spare_bit ? 1 : 0)} *
                   (latency(plan) - levels_end(plan, tree)));
  }
  for (const SliceChain& c : plan.chains) r += logic(borrow_sites(c)) + registers(chain_registers(p, c));
  for (const LutLanes& lanes : lut_lanes(p)) r += p.dots * cost(lanes.multiplier);
  for (const GatedRows& rows : gated_rows(p)) {
    const int bits = p.weight_bits + rows.bit1 - rows.bit0;
    r += p.dots * (logic(bits) + registers(std::clamp(plan.columns() - rows.bit0, 0, bits + 1)));
  }
  return r;
}

ProductDot make(const ProductDotParams& p) {
  ProductDot best;
  int64_t least = 0;
  for (int lanes = 1; lanes <= std::clamp(p.slices, 1, kMostLanes); ++lanes) {
    ProductDot plan = with_chains(p, lanes);
    const Resources r = cost(p, plan);
    const int64_t weight = 16 * r.lut + 4 * carry4(p, plan) + r.ff;  // as a tree is weighed
    if (lanes > 1 && weight >= least) continue;
    least = weight;
    best = std::move(plan);
  }
  return best;
}

}  // namespace

int ProductDot::spare_bits() const {
  return static_cast<int>(
      std::count_if(trees.begin(), trees.end(), [](const AdderTree& t) { return t.spare_bit; }));
}

std::vector<LutLanes> lut_lanes(const ProductDotParams& p) {
  std::vector<LutLanes> all;
  if (p.gates()) return all;
  const auto add = [&](int first, int lanes) {
    all.push_back({first, {.lanes = lanes, .act_bits = p.act_bits, .weight_bits = p.weight_bits}});
  };
  int end = p.s;
  for (; end - 2 >= p.slices; end -= 2) add(end - 2, 2);
  if (end > p.slices) add(end - 1, 1);
  return all;
}

std::vector<GatedRows> gated_rows(const ProductDotParams& p) {
  std::vector<GatedRows> rows;
  if (!p.gates()) return rows;
  int lane = p.slices;
  for (; lane + 1 < p.s; lane += 2) {
    for (int bit = 0; bit < p.act_bits; ++bit)
      rows.push_back({.lane0 = lane, .lane1 = lane + 1, .bit0 = bit, .bit1 = bit});
  }
  for (int bit = 0; lane < p.s && bit < p.act_bits; bit += 2) {
    if (bit + 1 < p.act_bits) {
      rows.push_back({.lane0 = lane, .lane1 = lane, .bit0 = bit, .bit1 = bit + 1});
    } else {
      rows.push_back({.lane0 = lane, .lane1 = -1, .bit0 = bit, .bit1 = bit});
    }
  }
  return rows;
}

const ProductDot& plan_product_dot(const ProductDotParams& p) {
  ELB_ASSERT(p.weight_bits >= 2 && p.weight_bits <= 8 && p.act_bits >= 1 && p.act_bits <= 8 && p.s >= 1 &&
                 p.slices >= 0 && p.slices <= p.s && (p.dots == 1 || p.dots == 2) && p.sum_bits >= 1 &&
                 p.sum_bits <= 48,
             "products of 2..8 by 1..8 bits");
  static std::mutex mutex;
  static std::map<std::tuple<int, int, int, int, bool, int, int, int, bool>, ProductDot> plans;
  const auto key = std::make_tuple(p.weight_bits, p.act_bits, p.s, p.dots, p.share_weights, p.slices,
                                   p.operand_bits, p.sum_bits, p.add_constant);
  {
    const std::lock_guard lock(mutex);
    if (const auto found = plans.find(key); found != plans.end()) return found->second;
  }
  ProductDot plan = make(p);
  const std::lock_guard lock(mutex);
  return plans.try_emplace(key, std::move(plan)).first->second;
}

std::vector<ProductUnits> product_units(const ComputeParams& p) {
  ProductDotParams dot{.weight_bits = p.weight_bits,
                       .act_bits = p.act_bits,
                       .s = p.s,
                       .operand_bits = slice_operand_bits(p.technology),
                       .sum_bits = p.acc_bits,
                       .add_constant = p.folds == 1};
  const bool odd = p.m % 2 == 1;
  const int units = static_cast<int>(ceil_div(int64_t{p.p} * p.m, 2));
  const int64_t slices = used_dsp(p);
  std::vector<ProductUnits> all;
  int64_t done = 0;
  const auto add = [&](int dots, bool share_weights, int count) {
    dot.dots = dots, dot.share_weights = share_weights;
    const auto more = static_cast<int>(std::clamp<int64_t>(slices % units - done, 0, count));
    done += count;
    dot.slices = static_cast<int>(slices / units) + 1;
    if (more > 0) all.push_back({dot, more});
    --dot.slices;
    if (count > more) all.push_back({dot, count - more});
  };
  add(2, true, p.m / 2 * p.p);
  add(2, false, odd ? p.p / 2 : 0);
  add(1, false, odd ? p.p % 2 : 0);
  return all;
}

int latency(const ProductDotParams& p) {
  return latency(plan_product_dot(p));
}

Resources cost(const ProductDotParams& p) {
  return cost(p, plan_product_dot(p));
}

Resources product_units_cost(const ComputeParams& p) {
  Resources r;
  const int depth = dot_latency(p);
  // (pixel or kernel, first lane, lanes) of what is prepared.
  std::set<std::tuple<int, int, int>> pixels, kernels;
  int x = 0, k = 0;
  for (const ProductUnits& units : product_units(p)) {
    const ProductDotParams& dot = units.dot;
    const ProductDot& plan = plan_product_dot(dot);
    const int bits = dot.dots * plan.columns() + plan.spare_bits();
    r += units.count * (cost(dot) + registers(int64_t{bits} * (depth - latency(dot))));
    const std::vector<LutLanes> all = lut_lanes(dot);
    for (int i = 0; i < units.count && !all.empty(); ++i) {
      const int of_pixels = dot.share_weights ? dot.dots : 1, of_kernels = dot.share_weights ? 1 : dot.dots;
      for (const LutLanes& lanes : all) {
        for (int d = 0; d < of_pixels; ++d) {
          if (pixels.insert({x + d, lanes.first, lanes.multiplier.lanes}).second)
            r += activations_cost(lanes.multiplier);
        }
        for (int d = 0; d < of_kernels; ++d) {
          if (kernels.insert({k + d, lanes.first, lanes.multiplier.lanes}).second)
            r += weights_cost(lanes.multiplier);
        }
      }
      k += of_kernels;
      if (k < p.p) continue;
      k = 0;
      x += of_pixels;
    }
  }
  return r;
}

}  // namespace elb::spec
