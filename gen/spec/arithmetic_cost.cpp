// Arithmetic: dot products, activations, reductions.
#include <algorithm>
#include <set>
#include <vector>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/select_dot.hpp"

namespace elb::spec {
namespace {

constexpr int kDspA = 24, kDspB = 17;  // of a DSP48's unsigned operands
constexpr int kProductWorthADsp = 9;   // bits
constexpr int kAlphaBits = 17;         // of a factor that is not known: what a DSP slice takes

bool product_in_dsp(const DotParams& p) {
  return p.act_bits >= 2 && p.weight_bits >= 2 && p.act_bits + p.weight_bits >= kProductWorthADsp;
}

// As hw/tile_constants decides: many tiles or entries read a ROM.
bool table_in_rom(int tiles, int entries) {
  return tiles > 64 || (tiles > 1 && int64_t{tiles} * entries > 256);
}

// Bits that hold every value of a table.
int width_of(const std::vector<int64_t>& values) {
  int64_t lo = 0, hi = 0;
  for (const int64_t v : values) {
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  return lo < 0 ? signed_bits_for(lo, hi) : bits_for(hi);
}

// A table with one value per address, as LUTs: a bit costs by the address bits that it depends on, equal bits
// are one. Bits of three address bits or fewer vanish in the LUTs behind the table.
int64_t bits_as_luts(const std::vector<int64_t>& values, int width) {
  std::set<std::vector<bool>> seen;
  int64_t luts = 0;
  for (int b = 0; b < width; ++b) {
    std::vector<bool> f;
    for (const int64_t v : values) f.push_back(((v >> b) & 1) != 0);
    if (!seen.insert(f).second) continue;
    int support = 0;
    for (size_t bit = 1; bit < f.size(); bit <<= 1) {
      bool matters = false;
      for (size_t i = 0; i < f.size() && !matters; ++i)
        matters = (i & bit) == 0 && (i | bit) < f.size() && f[i] != f[i | bit];
      if (matters) ++support;
    }
    if (support > 3) luts += table_luts(support);
  }
  return luts;
}

// Bits of a ROM's word that are neither constant nor copies of others.
int64_t distinct_bits(const std::vector<std::vector<int64_t>>& columns, int width) {
  std::set<std::vector<bool>> seen;
  for (const std::vector<int64_t>& column : columns) {
    for (int b = 0; b < width; ++b) {
      std::vector<bool> f;
      for (const int64_t v : column) f.push_back(((v >> b) & 1) != 0);
      const bool changes = std::find(f.begin(), f.end(), !f.front()) != f.end();
      if (changes) seen.insert(f);
    }
  }
  return static_cast<int64_t>(seen.size());
}

// yosys compares three bits of two operands, or six with a constant, in two LUTs and a carry.
Resources comparison(int width, bool with_constant) {
  return logic(2 * ceil_div(width, with_constant ? 6 : 3));
}

// A table of `entries` values, each bit of which depends on every address bit.
int64_t any_table_luts(int64_t entries, int width) {
  const int support = entries > 1 ? bits_for(entries - 1) : 0;
  return support > 3 ? width * table_luts(support) : 0;
}

// Of `bits` bits of a ROM with so many words, no more differ from each other and from constants.
int64_t most_distinct(int64_t bits, int words) {
  return words < 20 ? std::min(bits, (int64_t{1} << words) - 2) : bits;
}

// One constant per (tile, lane): read by all pixels alike.
struct Constants {
  Resources resources;
  int width = 1;
  bool vary = false;  // between the tiles
  bool zero = true;
};

Constants any_constants(const ActivationParams& p, int bits) {
  Constants r{.resources = {}, .width = bits, .vary = p.tiles > 1, .zero = false};
  if (!r.vary) return r;
  r.resources =
      table_in_rom(p.tiles, 1)
          ? rom({.width = static_cast<int>(most_distinct(int64_t{p.p} * bits, p.tiles)), .depth = p.tiles},
                MemoryStyle::logic)
          : logic(p.p * any_table_luts(p.tiles, bits));
  return r;
}

template <class F>
Constants constants(const ActivationParams& p, int most_bits, F value) {
  if (p.constants.empty()) return any_constants(p, most_bits);
  std::vector<int64_t> all;
  for (const ChannelConstants& c : p.constants) all.push_back(value(c));
  Constants r{.resources = {}, .width = width_of(all)};
  std::vector<std::vector<int64_t>> columns;
  int64_t luts = 0;
  for (int lane = 0; lane < p.p; ++lane) {
    std::vector<int64_t> column;
    for (size_t i = static_cast<size_t>(lane); i < all.size(); i += static_cast<size_t>(p.p))
      column.push_back(all[i]);
    for (const int64_t v : column) {
      r.vary = r.vary || v != column.front();
      r.zero = r.zero && v == 0;
    }
    luts += bits_as_luts(column, r.width);
    columns.push_back(column);
  }
  if (!r.vary) return r;
  const auto word = static_cast<int>(distinct_bits(columns, r.width));
  r.resources =
      table_in_rom(p.tiles, 1) ? rom({.width = word, .depth = p.tiles}, MemoryStyle::logic) : logic(luts);
  return r;
}

// What one level of the search compares with: 2^level points per lane.
struct Level {
  int64_t selected = 0;  // LUTs of the tables in logic
  int64_t word = 0;      // bits of a ROM's word
  int width = 1;         // of a point
  int constant = 0;      // lanes with one point for all tiles
  bool vary = false;     // between the tiles
};

Level any_level(const ActivationParams& p, int entries) {
  const bool one = p.tiles * entries == 1;
  return {.selected = p.p * any_table_luts(int64_t{p.tiles} * entries, p.in_bits),
          .word = most_distinct(int64_t{p.p} * entries * p.in_bits, p.tiles),
          .width = p.in_bits,
          .constant = one ? p.p : 0,
          .vary = p.tiles > 1};
}

Level level_of(const ActivationParams& p, int entries, int stride) {
  if (p.constants.empty()) return any_level(p, entries);
  const int64_t top = int64_t{1} << (p.in_signed ? p.in_bits - 1 : p.in_bits);  // beyond every T
  Level l;
  std::vector<std::vector<int64_t>> columns;  // ROM: one per lane and entry
  for (int lane = 0; lane < p.p; ++lane) {
    std::vector<int64_t> table;
    std::vector<std::vector<int64_t>> mine(static_cast<size_t>(entries));
    for (int t = 0; t < p.tiles; ++t) {
      const ChannelConstants& c = p.constants[static_cast<size_t>(t * p.p + lane)];
      for (int e = 0; e < entries; ++e) {
        const auto i = static_cast<size_t>((e * 2 + 1) * stride - 1);
        table.push_back(i < c.points.size() ? std::clamp(c.points[i], -top, top) : top);
        mine[static_cast<size_t>(e)].push_back(table.back());
      }
    }
    l.width = std::max(l.width, width_of(table));
    l.selected += bits_as_luts(table, p.in_bits + 1);
    if (std::all_of(table.begin(), table.end(), [&](int64_t v) { return v == table.front(); })) ++l.constant;
    for (std::vector<int64_t>& m : mine) {
      l.vary = l.vary || std::any_of(m.begin(), m.end(), [&](int64_t v) { return v != m.front(); });
      columns.push_back(std::move(m));
    }
  }
  if (table_in_rom(p.tiles, entries)) l.word = distinct_bits(columns, l.width);
  return l;
}

Resources threshold_cost(const ActivationParams& p) {
  const int bits = bits_for(p.steps);
  const int tile_bits = p.tiles > 1 ? bits_for(p.tiles - 1) : 0;
  const Constants reversed = constants(p, 1, [](const ChannelConstants& c) { return int64_t{c.reversed}; });
  Resources r = reversed.resources;
  bool vary = reversed.vary;
  for (int level = 0; level < bits; ++level) {
    // Level l compares with one of 2^l points, chosen by the code so far.
    const int entries = 1 << level;
    const Level l = level_of(p, entries, 1 << (bits - 1 - level));
    vary = vary || l.vary;
    r += int64_t{p.m} *
         (l.constant * comparison(p.in_bits, true) + (p.p - l.constant) * comparison(p.in_bits, false));
    if (table_in_rom(p.tiles, entries)) {
      if (l.word > 0) r += rom({.width = static_cast<int>(l.word), .depth = p.tiles}, MemoryStyle::logic);
      r += int64_t{p.m} * (p.p - l.constant) * multiplexer(entries, l.width);
    } else {
      // Every pixel looks up its own point behind level 0.
      r += logic((level == 0 ? 1 : p.m) * l.selected);
    }
    r += registers(int64_t{p.p} * p.m * (level + 1));
    if (level + 1 < bits) r += registers(int64_t{p.p} * p.m * p.in_bits + (vary ? tile_bits : 0));
  }
  return vary ? r + loop_cost(p.tiles) : r;
}

Resources affine_cost(const ActivationParams& p) {
  const int64_t lanes = int64_t{p.p} * p.m;
  const Constants alpha = constants(p, kAlphaBits, [](const ChannelConstants& c) { return c.alpha; });
  const Constants beta =
      constants(p, p.in_bits + kAlphaBits, [](const ChannelConstants& c) { return c.beta; });
  const int product = p.in_bits + alpha.width, sum = std::max(product, beta.width) + 1;
  const int kept = std::max(1, sum - p.shift), bits = bits_for(p.steps);
  Resources r = alpha.resources + beta.resources;
  const Resources product_cost = multiplier(p.in_bits, alpha.width);
  // A DSP slice adds beta and holds the product's register too.
  r += lanes * product_cost;
  if (product_cost.dsp == 0) r += lanes * (registers(product) + adder(sum));
  r += lanes * (registers(sum + bits) + logic(bits + ceil_div(kept, 5)));
  if (alpha.vary || beta.vary) r += loop_cost(p.tiles) + registers(bits_for(p.tiles - 1));
  return r;
}

Resources raw_cost(const ActivationParams& p) {
  const Constants offset = constants(p, p.out_bits, [](const ChannelConstants& c) { return c.offset; });
  const bool adds = !offset.zero || p.kappa != 1;
  const Resources lane = (adds ? adder(p.out_bits) : Resources{}) + registers(p.out_bits);
  return offset.resources + int64_t{p.p} * p.m * lane + (offset.vary ? loop_cost(p.tiles) : Resources{});
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
  const DotParams dot = dot_of(p);
  const int64_t lanes = int64_t{p.p} * p.m;
  Resources r = lanes * cost(dot);
  const int depth = latency(dot);
  r += registers(depth);  // valid has a reset
  if (p.folds == 1) return r;
  r += lanes * (adder(p.acc_bits) + registers(p.acc_bits));
  return r + delay(1, depth) + delay(1, depth) + registers(1) + logic(1);
}

Resources cost(const ActivationParams& p) {
  const Resources r = registers(latency(p));
  switch (p.kind) {
    case ActivationKind::threshold:
      return r + threshold_cost(p);
    case ActivationKind::affine:
      return r + affine_cost(p);
    case ActivationKind::raw:
      return r + raw_cost(p);
  }
  return r;
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
