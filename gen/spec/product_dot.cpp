#include "spec/product_dot.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

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

// What trees over chains of so many slices add.
struct Operands {
  int shift = 0;
  std::vector<SliceChain> chains;
  std::vector<Collector> dots;
  int columns = 0;  // of the sum of what is added, which is not negative
};

Operands operands_of(const ProductDotParams& p, int most_lanes) {
  Operands o;
  o.shift = p.operand_bits - p.x_bits();
  o.chains = chains_of(p, o.shift, most_lanes);
  const int64_t most = p.s * ((int64_t{1} << (p.weight_bits - 1)) - 1) * ((int64_t{1} << p.act_bits) - 1);
  for (int d = 0; d < p.dots; ++d) {
    o.dots.push_back(collect(p, o.chains, o.shift, d == 1));
    const auto added = static_cast<int64_t>((0 - o.dots.back().constant()) & kModulo);
    o.columns = std::max({o.columns, 1, bits_for(most + added)});
  }
  return o;
}

int most_chain_lanes(const ProductDotParams& p) {
  return std::clamp(p.slices, 1, kMostLanes);
}

// The width from which on a wider sum has the same plan.
int enough_sum_bits(const ProductDotParams& p) {
  int columns = 1;
  for (int lanes = 1; lanes <= most_chain_lanes(p); ++lanes)
    columns = std::max(columns, operands_of(p, lanes).columns);
  return columns;
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

// Of LUTs in front of the trees.
int carry4_in_front(const ProductDotParams& p) {
  int cells = 0;
  for (const GatedRows& rows : gated_rows(p))
    cells += p.dots * static_cast<int>(ceil_div(p.weight_bits + rows.bit1 - rows.bit0, 4));
  for (const LutLanes& lanes : lut_lanes(p)) {
    for (const LutRow& row : lut_rows(lanes.multiplier))
      cells += p.dots * static_cast<int>(ceil_div(row.bits, 4));
  }
  return cells;
}

Resources in_front_of_trees(const ProductDotParams& p, const std::vector<SliceChain>& chains, int columns) {
  Resources r{.lut = 0, .ff = 0, .bram18 = 0, .dsp = p.slices};
  for (const SliceChain& c : chains) r += logic(borrow_sites(c)) + registers(chain_registers(p, c));
  for (const LutLanes& lanes : lut_lanes(p)) r += p.dots * cost(lanes.multiplier);
  for (const GatedRows& rows : gated_rows(p)) {
    const int bits = p.weight_bits + rows.bit1 - rows.bit0;
    r += p.dots * (logic(bits) + registers(std::clamp(columns - rows.bit0, 0, bits + 1)));
  }
  return r;
}

struct Weighed {
  ProductDot plan;
  int64_t weight = INT64_MAX;  // as a tree's
};

// With chains of so many slices; nothing where it weighs more than `most`.
std::optional<Weighed> with_chains(const ProductDotParams& p, int most_lanes, int64_t most) {
  Operands o = operands_of(p, most_lanes);
  ProductDot plan;
  plan.shift = o.shift;
  plan.chains = std::move(o.chains);
  plan.first_cycle = o.dots.front().first_cycle();
  const int columns = p.add_constant ? p.sum_bits : std::min(p.sum_bits, o.columns);
  std::vector<std::vector<std::vector<int>>> heights;  // of every dot product
  int64_t trees = 0;                                   // what they weigh at least
  for (const Collector& d : o.dots) {
    heights.push_back(d.heights(plan.first_cycle, columns));
    plan.constants.push_back(d.constant());
    plan.constant_bits.emplace_back();
    for (int i = 0; i < columns && p.add_constant; ++i) {
      if (((d.constant() >> i) & 1) == 0) continue;
      plan.constant_bits.back().push_back(i);
      ++heights.back().front()[i];
    }
    trees += least_weight(heights.back().front(), {heights.back().begin() + 1, heights.back().end()});
  }
  plan.resources = in_front_of_trees(p, plan.chains, columns);
  const int64_t in_front = tree_weight(plan.resources.lut, carry4_in_front(p), plan.resources.ff);
  for (const std::vector<std::vector<int>>& h : heights) {
    if (&h != &heights.front() && h == heights.front()) {
      plan.trees.push_back(plan.trees.front());
      continue;
    }
    const std::vector<std::vector<int>> later(h.begin() + 1, h.end());
    trees -= least_weight(h.front(), later);
    std::optional<AdderTree> tree = plan_adder_tree_below(
        most == INT64_MAX ? most : most + 1 - in_front - trees, h.front(), later, !p.add_constant);
    if (!tree) return {};
    trees += weight(*tree);
    plan.trees.push_back(std::move(*tree));
  }
  for (const AdderTree& tree : plan.trees) plan.latency = std::max(plan.latency, levels_end(plan, tree));
  int64_t sum = in_front;
  for (const AdderTree& tree : plan.trees) {
    const Resources wait =
        registers(int64_t{columns + (tree.spare_bit ? 1 : 0)} * (plan.latency - levels_end(plan, tree)));
    plan.resources += logic(lut_sites(tree)) + registers(registers(tree)) + wait;
    sum += weight(tree) + wait.ff;
  }
  if (sum > most) return {};
  return Weighed{.plan = std::move(plan), .weight = sum};
}

// Of equals the one with the shortest chains. Long ones leave fewer bits, and are mostly best.
ProductDot make(const ProductDotParams& p) {
  Weighed best;
  for (int lanes = most_chain_lanes(p); lanes >= 1; --lanes) {
    if (std::optional<Weighed> w = with_chains(p, lanes, best.weight)) best = std::move(*w);
  }
  return std::move(best.plan);
}

// Pixels or kernels: how many have a unit with one slice more, one with fewer, and both.
struct Users {
  int64_t more = 0, fewer = 0, both = 0;
};

// The first `more` units, in the order of product_units, have a slice more.
std::array<Users, 2> users_of_lanes(const ComputeParams& p, int64_t more) {
  const int64_t kernels = p.p, pairs = p.m / 2, odd = p.m % 2;  // pairs of pixels, pixels beside them
  const int64_t of_pairs = pairs * kernels, behind = std::max<int64_t>(0, more - of_pairs);
  Users x, k;
  x.more = 2 * std::min(pairs, ceil_div(more, kernels)) + (behind > 0 ? odd : 0);
  x.fewer = 2 * (pairs - std::min(pairs, more / kernels)) + odd;
  x.both = x.more + x.fewer - p.m;
  // A kernel's first unit, and its last.
  k.more = pairs > 0 ? std::min(kernels, more) : std::min(kernels, 2 * behind);
  k.fewer = kernels - (odd ? std::min(kernels, 2 * behind)
                           : std::clamp<int64_t>(more - of_pairs + kernels, 0, kernels));
  k.both = k.more + k.fewer - kernels;
  return {x, k};
}

// Of operands for LUTs, which those of a pixel and those of a kernel share.
Resources preparation_cost(const ComputeParams& p) {
  ProductDotParams dot{.weight_bits = p.weight_bits, .act_bits = p.act_bits, .s = p.s};
  if (dot.gates()) return {};
  const int64_t units = ceil_div(int64_t{p.p} * p.m, 2), slices = used_dsp(p);
  const auto [pixels, kernels] = users_of_lanes(p, slices % units);
  // Lanes are paired from the highest down: those with one slice more have all pairs of the others but at
  // most one, and of two kinds of lanes alone each has its own.
  const int64_t fewer = p.s - slices / units, more = fewer - 1;
  LutMultiplierParams two{.lanes = 2, .act_bits = p.act_bits, .weight_bits = p.weight_bits}, one = two;
  one.lanes = 1;
  const auto shared = [&](const Users& u, const Resources& pair, const Resources& alone) {
    Resources r = (u.fewer * (fewer / 2)) * pair + (u.fewer * (fewer % 2)) * alone;
    if (u.more == 0) return r;
    return r + ((u.more - u.both) * (more / 2)) * pair + (u.more * (more % 2)) * alone;
  };
  return shared(pixels, activations_cost(two), activations_cost(one)) +
         shared(kernels, weights_cost(two), weights_cost(one));
}

// Plans by what they are for, of all threads.
class PlanMemo {
 public:
  const ProductDot* find(const ProductDotParams& p) const {
    const std::shared_lock lock(mutex_);
    const auto found = plans_.find(key(p));
    return found == plans_.end() ? nullptr : found->second;
  }
  const ProductDot* keep(const ProductDotParams& p, ProductDot plan) {
    const std::unique_lock lock(mutex_);
    const auto [at, fresh] = plans_.try_emplace(key(p), nullptr);
    if (fresh) at->second = &all_.emplace_back(std::move(plan));
    return at->second;
  }
  void also(const ProductDotParams& p, const ProductDot* plan) {
    const std::unique_lock lock(mutex_);
    plans_.try_emplace(key(p), plan);
  }

 private:
  static uint64_t key(const ProductDotParams& p) {
    uint64_t key = 0;
    const auto add = [&](int value, int bits) { key = key << bits | static_cast<uint64_t>(value); };
    add(p.weight_bits, 4), add(p.act_bits, 4), add(p.dots, 2), add(p.share_weights, 1);
    add(p.add_constant, 1), add(p.operand_bits, 5), add(p.sum_bits, 6);
    add(p.s, 20), add(p.slices, 20);
    return key;
  }
  mutable std::shared_mutex mutex_;
  std::deque<ProductDot> all_;
  std::unordered_map<uint64_t, const ProductDot*> plans_;
};

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
  static PlanMemo memo;
  if (const ProductDot* plan = memo.find(p)) return *plan;
  ProductDotParams narrow = p;
  if (!p.add_constant) narrow.sum_bits = std::min(p.sum_bits, enough_sum_bits(p));
  const ProductDot* plan = memo.find(narrow);
  if (!plan) plan = memo.keep(narrow, make(narrow));
  memo.also(p, plan);
  return *plan;
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
  return plan_product_dot(p).latency;
}

Resources cost(const ProductDotParams& p) {
  return plan_product_dot(p).resources;
}

Resources product_units_cost(const ComputeParams& p) {
  Resources r;
  const int depth = dot_latency(p);
  for (const ProductUnits& units : product_units(p)) {
    const ProductDot& plan = plan_product_dot(units.dot);
    const int64_t bits = units.dot.dots * plan.columns() + plan.spare_bits();
    r += units.count * (plan.resources + registers(bits * (depth - plan.latency)));
  }
  return r + preparation_cost(p);
}

}  // namespace elb::spec
