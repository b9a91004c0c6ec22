// Activation stages.
#include <algorithm>
#include <bit>
#include <set>
#include <vector>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/table_cost.hpp"
#include "spec/threshold.hpp"

namespace elb::spec {
namespace {

using Column = std::vector<bool>;  // a bit of a table, by address

// Bits that hold every value of a table.
int width_of(const std::vector<int64_t>& values) {
  int64_t lo = 0, hi = 0;
  for (const int64_t v : values) {
    lo = std::min(lo, v);
    hi = std::max(hi, v);
  }
  return lo < 0 ? signed_bits_for(lo, hi) : bits_for(hi);
}

Column column_of(const std::vector<int64_t>& values, int bit) {
  Column f;
  for (const int64_t v : values) f.push_back(((v >> bit) & 1) != 0);
  return f;
}

int support_of(const Column& f) {
  int support = 0;
  for (size_t bit = 1; bit < f.size(); bit <<= 1) {
    bool matters = false;
    for (size_t i = 0; i < f.size() && !matters; ++i)
      matters = (i & bit) == 0 && (i | bit) < f.size() && f[i] != f[i | bit];
    if (matters) ++support;
  }
  return support;
}

// A table with one value per address, as LUTs: a bit costs by the address bits that it depends on, equal bits
// are one. Bits of `absorbed` address bits or fewer vanish in the LUTs behind the table.
int64_t bits_as_luts(const std::vector<int64_t>& values, int width, int absorbed) {
  std::set<Column> seen;
  int64_t luts = 0;
  for (int b = 0; b < width; ++b) {
    const Column f = column_of(values, b);
    if (!seen.insert(f).second) continue;
    const int support = support_of(f);
    if (support > absorbed) luts += table_luts(support);
  }
  return luts;
}

// Of `bits` bits of a ROM with so many words, no more differ from each other and from constants.
int64_t most_distinct(int64_t bits, int64_t words) {
  return words < 20 ? std::min(bits, (int64_t{1} << words) - 2) : bits;
}

constexpr int kAbsorbed = 3;  // by logic; a wire is all that a DSP slice takes
constexpr int kWire = 1;

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
  const int address = bits_for(p.tiles - 1);
  r.resources =
      tile_table_in_rom(p.tiles)
          ? rom({.width = static_cast<int>(most_distinct(int64_t{p.p} * bits, p.tiles)), .depth = p.tiles},
                MemoryStyle::logic)
          : logic(address > kAbsorbed ? int64_t{p.p} * bits * table_luts(address) : 0);
  return r;
}

// Lane by lane, each with a value per tile; `absorbed` as above.
Constants known_constants(int tiles, const std::vector<std::vector<int64_t>>& lanes, int absorbed) {
  Constants r;
  std::set<Column> distinct;  // bits of a ROM's word that are neither constant nor copies of others
  int varying = 0;            // not constant: what block RAM keeps
  int64_t luts = 0;
  for (const std::vector<int64_t>& lane : lanes) r.width = std::max(r.width, width_of(lane));
  for (const std::vector<int64_t>& lane : lanes) {
    for (const int64_t v : lane) {
      r.vary = r.vary || v != lane.front();
      r.zero = r.zero && v == 0;
    }
    luts += bits_as_luts(lane, r.width, absorbed);
    for (int b = 0; b < r.width; ++b) {
      const Column f = column_of(lane, b);
      if (std::find(f.begin(), f.end(), !f.front()) == f.end()) continue;
      distinct.insert(f);
      ++varying;
    }
  }
  if (!r.vary) return r;
  if (!tile_table_in_rom(tiles)) {
    r.resources = logic(luts);
    return r;
  }
  r.resources = rom({.width = varying, .depth = tiles}, MemoryStyle::logic);
  if (r.resources.bram18 > 0) return r;
  r.resources = registers(static_cast<int64_t>(distinct.size()));
  for (const Column& f : distinct) r.resources.lut += column_luts(f);
  return r;
}

// Of values tile by tile, those of each lane.
template <class Items, class F>
std::vector<std::vector<int64_t>> by_lane(int lanes, const Items& items, F value) {
  std::vector<std::vector<int64_t>> of(static_cast<size_t>(lanes));
  for (size_t i = 0; i < items.size(); ++i) of[i % of.size()].push_back(value(items[i]));
  return of;
}

template <class F>
Constants constants(const ActivationParams& p, int most_bits, F value, int absorbed = kAbsorbed) {
  if (p.constants.empty()) return any_constants(p, most_bits);
  return known_constants(p.tiles, by_lane(p.p, p.constants, value), absorbed);
}

// ---- threshold

// Of one pixel: with an entry of a table whose LUTs are `entry_luts` where they are not part of the
// comparison.
Resources entry_comparison(const ActivationParams& p, int width, int address_bits, int64_t entry_luts) {
  if (has_primitives(p.technology)) return logic(entry_comparison_sites(width, address_bits));
  return comparison(width, address_bits == 0) + logic(entry_luts);
}
Resources operand_comparison(const ActivationParams& p, int width) {
  return has_primitives(p.technology) ? logic(comparison_sites(width)) : comparison(width, false);
}

Resources point_memory(int width, int64_t depth, int m, const std::vector<int64_t>& values) {
  MemoryShape shape{.width = width, .depth = depth};
  if (points_in_block_ram(width, depth, m)) {
    // Bits that are constant are not kept.
    if (!values.empty())
      shape.width = std::max(1, PointTable{.values = values, .width = width}.varying_bits());
    return int64_t{m / 2} * block_rom_two_reads(shape) + int64_t{m % 2} * block_rom(shape);
  }
  if (values.empty()) return int64_t{m} * (lut_rom(shape) + registers(width));
  Resources read;
  for (const Column& f : distinct_columns(values, width))
    read += logic(registered_column_luts(f)) + registers(1);
  return int64_t{m} * read;
}

// 0 .. tiles-1, the end a register where there are many; under sweeps two more places, which one goes back to
// and what is behind it.
Resources tile_counter(int tiles, bool swept) {
  const int bits = bits_for(tiles - 1);
  const int last = keeps_tile_end(tiles) ? 1 : 0;
  Resources r = loop_cost(tiles) + registers(last);
  if (tile_count_wraps(tiles) && tiles > kManyTiles) r.lut = 1;  // a carry chain alone
  if (swept) r += registers(2 * bits + last) + logic(2 * bits + 2);
  return r;
}

// What a level's lane asks for.
struct LaneTable {
  int address_bits = 0, width = 1;
  int64_t depth = 1, luts = 0;
  bool known = false;                // holds for no T or for every T
  bool by_tile = false;              // a tile bit is in the address
  std::vector<int64_t> values = {};  // where points are known
};

// The point of a level, where all tiles and codes so far have the same.
std::optional<int64_t> only_point(const ActivationParams& p, const PointTables& points, int lane, int level) {
  const int64_t point = points.at(0, lane, level, 0);
  for (int tile = 0; tile < p.tiles; ++tile) {
    for (int prefix = 0; prefix < 1 << level; ++prefix) {
      if (points.at(tile, lane, level, prefix) != point) return std::nullopt;
    }
  }
  return point;
}

// Levels of a lane that hold for every T or for none: their bit of the code is a constant.
using KnownBits = std::vector<std::optional<bool>>;
std::vector<KnownBits> known_bits(const ActivationParams& p, const PointTables* points) {
  std::vector<KnownBits> known(static_cast<size_t>(p.p), KnownBits(static_cast<size_t>(bits_for(p.steps))));
  if (!points) return known;
  const Range range = range_of(p);
  for (int lane = 0; lane < p.p; ++lane) {
    KnownBits& of = known[static_cast<size_t>(lane)];
    for (size_t level = 0; level < of.size(); ++level) {
      if (point_source(p, static_cast<int>(level)) == PointSource::sign) continue;
      const std::optional<int64_t> point = only_point(p, *points, lane, static_cast<int>(level));
      if (point && *point > range.hi) of[level] = false;
      if (point && *point <= range.lo) of[level] = true;
    }
  }
  return known;
}

// Of a table what is left where bits of its address are constants.
std::vector<int64_t> reached(const PointTable& table, int level, const KnownBits& known) {
  std::vector<int64_t> values;
  for (size_t i = 0; i < table.values.size(); ++i) {
    bool here = true;
    for (size_t k = 0; k < table.address.size(); ++k) {
      const int bit = table.address[k];
      if (bit >= level) continue;  // of the tile
      const std::optional<bool> is = known[static_cast<size_t>(level - 1 - bit)];
      here = here && (!is || *is == (((i >> k) & 1) != 0));
    }
    if (here) values.push_back(table.values[i]);
  }
  return values;
}

LaneTable lane_table(const ActivationParams& p, const PointTables* points, int lane, int level,
                     const KnownBits& known) {
  LaneTable t{.width = p.in_bits};
  if (points) {
    const PointTable table = points->table(lane, level);
    t.address_bits = static_cast<int>(table.address.size());
    t.by_tile = !table.address.empty() && table.address.back() >= level;
    t.width = table.width;
    t.depth = static_cast<int64_t>(table.values.size());
    t.values = t.address_bits > kEntryBits ? reached(table, level, known) : table.values;
    t.known = known[static_cast<size_t>(level)].has_value();
    if (!has_primitives(p.technology) && t.address_bits <= kEntryBits)
      t.luts = bits_as_luts(table.values, t.width, kAbsorbed);
    return t;
  }
  t.depth = int64_t{p.tiles} << level;
  t.address_bits = t.depth > 1 ? bits_for(t.depth - 1) : 0;
  t.by_tile = p.tiles > 1;
  t.luts = t.address_bits > kAbsorbed ? t.width * table_luts(t.address_bits) : 0;
  return t;
}

// `read_at`: the level's last cycle, from 0 on, in which the tile is read.
Resources level_cost(const ActivationParams& p, const PointTables* points,
                     const std::vector<KnownBits>& known, int level, std::optional<int>& read_at) {
  const PointSource source = point_source(p, level);
  Resources r;
  if (source == PointSource::sign) return r;
  std::vector<std::vector<int64_t>> by_lane;  // ahead: a value per tile
  for (int lane = 0; lane < p.p; ++lane) {
    const LaneTable t = lane_table(p, points, lane, level, known[static_cast<size_t>(lane)]);
    if (t.known) continue;
    const PointTable table{.values = t.values, .width = t.width};
    const bool in_parts = chooses_points(p, level) && !t.values.empty() && stands_in_parts(table, p.m);
    const bool entry = source == PointSource::ahead ? t.address_bits == 0 : t.address_bits <= kEntryBits;
    if (t.by_tile) {
      const int waits = source != PointSource::read ? 0 : chooses_points(p, level) ? 2 : 1;
      read_at = std::max(read_at.value_or(0), entry ? waits : std::max(0, waits - 1 - (in_parts ? 1 : 0)));
    }
    if (entry) {
      // Pixels share a table by tile alone.
      const bool shared = level == 0 && !has_primitives(p.technology);
      r += int64_t{p.m} * entry_comparison(p, t.width, t.address_bits, shared ? 0 : t.luts);
      if (shared) r += logic(t.luts);
      continue;
    }
    r += int64_t{p.m} * operand_comparison(p, t.width);
    if (source != PointSource::read) continue;
    r += point_memory(t.width, t.depth, p.m, t.values);
    if (in_parts) r += registers(int64_t{p.m} * table.varying_bits());
  }
  if (source != PointSource::ahead) return r;
  if (!points) return r + any_constants(p, p.in_bits).resources;
  for (int lane = 0; lane < p.p; ++lane) {
    by_lane.emplace_back();
    for (int tile = 0; tile < p.tiles; ++tile) by_lane.back().push_back(points->at(tile, lane, 0, 0));
  }
  Resources constants = known_constants(p.tiles, by_lane, kAbsorbed).resources;
  // Blocks of such a table are chosen from; under sweeps their address comes late, and the choice early.
  if (constants.bram18 == 0 && tile_table_in_rom(p.tiles) && p.tiles > kManyTiles)
    constants.lut += constants.ff * (p.sweep_tiles > 1 ? 3 * ceil_div(p.tiles, 128) : 1);
  return r + constants;
}

Resources threshold_cost(const ActivationParams& p) {
  const int bits = bits_for(p.steps);
  const int tile_bits = p.tiles > 1 ? bits_for(p.tiles - 1) : 0;
  const int64_t lanes = int64_t{p.p} * p.m;
  const std::optional<PointTables> points =
      p.constants.empty() ? std::nullopt : std::optional<PointTables>(p);
  const Constants reversed =
      p.constants.empty() ? Constants{}
                          : constants(p, 1, [](const ChannelConstants& c) { return int64_t{c.reversed}; });
  Resources r = reversed.resources;
  if (reversed.vary) r += logic(lanes * bits);
  bool by_tile = reversed.vary;
  int tile_stages = 0, cycles = 0;
  const std::vector<KnownBits> known = known_bits(p, points ? &*points : nullptr);
  // Of all lanes: bits of the code found before a level, and lanes that still look at T from a level on.
  const auto found = [&](int level) {
    int64_t n = 0;
    for (const KnownBits& lane : known) n += std::count(lane.begin(), lane.begin() + level, std::nullopt);
    return n * p.m;
  };
  const auto looking = [&](int level) {
    int64_t n = 0;
    for (const KnownBits& lane : known)
      n += std::find(lane.begin() + level, lane.end(), std::nullopt) != lane.end() ? 1 : 0;
    return n * p.m;
  };
  for (int level = 0; level < bits; ++level) {
    std::optional<int> read_at;
    r += level_cost(p, points ? &*points : nullptr, known, level, read_at);
    if (read_at) tile_stages = cycles + *read_at;
    by_tile = by_tile || read_at;
    r += registers(found(level + 1));
    if (point_source(p, level) == PointSource::read) {
      const int waits = chooses_points(p, level) ? 2 : 1;
      r += registers((looking(level) * p.in_bits + found(level)) * waits);
      cycles += waits;
    }
    if (level + 1 < bits) r += registers(looking(level + 1) * p.in_bits);
    ++cycles;
  }
  if (reversed.vary) tile_stages = cycles - 1;
  if (!by_tile) return r;
  // The next tile beside this one where a ROM is read ahead.
  if (tile_table_in_rom(p.tiles)) r += registers(tile_bits + 1) + logic(1);
  return r + tile_counter(p.tiles, p.sweep_tiles > 1) + registers(int64_t{tile_stages} * tile_bits);
}

// ---- affine, raw

// A value of `bits` saturated to `kept`; set and reset of its register are a part of it, and no slice has
// both.
Resources saturation(int bits, int kept, bool in_two_cycles) {
  if (in_two_cycles) return logic(kept - 1 + ceil_div(bits - kept + 1, 5)) + registers(kept + 1);
  return bits > kept ? logic(kept - 4 + ceil_div(bits - kept + 1, 5)) + registers(kept) : Resources{};
}

Resources affine_cost(const ActivationParams& p) {
  const int64_t lanes = int64_t{p.p} * p.m;
  const int alpha_bits = affine_alpha_bits(p), t_bits = affine_t_bits(p), bits = bits_for(p.steps);
  const AffineProduct product = affine_product(t_bits, alpha_bits).value_or(AffineProduct{.slices = 2});
  const bool two = product.slices == 2, by_alpha = product.split == AffineProduct::Split::alpha;
  const auto low = [](int64_t v) { return v & ((int64_t{1} << kSplitBits) - 1); };
  const int tile_bits = p.tiles > 1 ? bits_for(p.tiles - 1) : 0;
  const int beta_bits = t_bits + alpha_bits;
  Resources r = lanes * Resources{.dsp = product.slices};
  bool vary = false;
  int beta_width = beta_bits;
  const auto add = [&](int most, auto value) {
    const Constants c = constants(p, most, value, kWire);
    r += c.resources;
    vary = vary || c.vary;
    return c.width;
  };
  bool shifts = false;  // the upper product
  if (two && by_alpha) {
    add(kSplitBits, [&](const ChannelConstants& c) { return low(c.alpha); });
    const auto high = [](const ChannelConstants& c) { return c.alpha >> kSplitBits; };
    add(alpha_bits - kSplitBits, high);
    const std::vector<ChannelConstants>& all = p.constants;
    shifts = !all.empty() && std::has_single_bit(static_cast<uint64_t>(high(all.front()))) &&
             std::all_of(all.begin(), all.end(), [&](const auto& c) { return high(c) == high(all.front()); });
  } else {
    add(alpha_bits, [](const ChannelConstants& c) { return c.alpha; });
  }
  const bool behind = two && !beta_in_first_slice(p);
  if (behind) {
    add(kSplitBits, [&](const ChannelConstants& c) { return low(c.beta); });
    beta_width = add(beta_bits - kSplitBits, [&](const ChannelConstants& c) { return c.beta >> kSplitBits; });
  } else {
    beta_width = add(beta_bits, [](const ChannelConstants& c) { return c.beta; });
  }
  // A slice holds T, its product and its sum; behind two of them beta's upper part is added in LUTs where it
  // is not in the first.
  const int cut = two ? kSplitBits : 0;
  const int sum = std::max(t_bits + alpha_bits - cut, beta_width - (behind ? 0 : cut)) + 1;
  Resources lane = saturation(p.in_bits + (p.in_signed ? 0 : 1), t_bits, saturates_in_two_cycles(p));
  const int kept = std::max(1, sum - std::max(0, p.shift - cut));
  if (behind) lane += adder(sum - 1) + registers(kept);
  // It then takes no slice, whose adder and registers are left outside.
  if (shifts)
    lane += logic(sum) + registers(2 * int64_t{t_bits} + (behind ? sum : kept)) + Resources{.dsp = -1};
  // What is found, whether it is negative, whether above the codes; then the code.
  const int above = std::max(0, kept - bits - 1);
  lane += registers(2 * bits + 1 + clamp_flags(above));
  lane += logic(bits + (above > 1 ? ceil_div(above, 6) : 0));
  r += lanes * lane;
  if (vary) {
    const int stages = (behind ? 2 : 1) + 1 + (saturates_in_two_cycles(p) ? 1 : 0);
    r += tile_counter(p.tiles, p.sweep_tiles > 1) +
         registers(stages * tile_bits + (tile_table_in_rom(p.tiles) ? 1 : 0));
  }
  return r;
}

// Bits of a sum that take a LUT: where T's is not 0 and the offset's is not the same in all tiles.
int64_t offset_luts(const ActivationParams& p, int t_bits, int width) {
  const int most = p.in_signed ? width : std::min(width, t_bits);
  if (p.constants.empty()) return int64_t{p.p} * most;
  int64_t luts = 0;
  for (const std::vector<int64_t>& offsets :
       by_lane(p.p, p.constants, [](const ChannelConstants& c) { return c.offset; })) {
    for (int bit = 0; bit < most; ++bit) luts += support_of(column_of(offsets, bit)) > 0 ? 1 : 0;
  }
  return luts;
}

Resources raw_cost(const ActivationParams& p) {
  const Constants offset = constants(p, p.out_bits, [](const ChannelConstants& c) { return c.offset; });
  const bool adds = !offset.zero || p.kappa != 1;
  // Bits above those of T and of the sum are copies of its sign, or 0. A constant is added at no cost.
  const int scaled = p.in_bits + (p.kappa == 1 ? 0 : bits_for(std::abs(p.kappa)));
  const int signed_bits = scaled + (p.in_signed ? 0 : 1);
  const int sum = adds ? std::max(signed_bits, offset.zero ? 0 : offset.width) + 1 : scaled;
  const int width = std::min(sum, p.out_bits);
  Resources r = offset.resources + registers(int64_t{p.p} * p.m * width);
  if (!offset.vary) return r;
  if (tile_table_in_rom(p.tiles)) r += registers(1);  // the first word is read
  return r + logic(p.m * offset_luts(p, scaled, width)) + tile_counter(p.tiles, p.sweep_tiles > 1);
}

}  // namespace

// Few tiles: a register per bit that differs, behind LUTs where it depends on more than one bit of the tile.
// A last tile alone in its half sets or resets the register.
Resources cost(const PresetParams& p) {
  const std::vector<std::vector<int64_t>> lanes = by_lane(p.p, p.values, [](int64_t v) { return v; });
  const Constants table = known_constants(p.tiles, lanes, 0);
  if (!table.vary) return {};
  // The counter is the address of what is read next.
  if (tile_table_in_rom(p.tiles)) {
    const bool blocks = p.tiles > kManyTiles && table.resources.bram18 == 0;
    return table.resources + logic(blocks ? table.resources.ff : 0) + tile_counter(p.tiles, false) +
           registers(1) + logic(1);
  }
  std::set<Column> distinct, functions;
  for (const std::vector<int64_t>& lane : lanes) {
    for (int bit = 0; bit < p.bits; ++bit) distinct.insert(column_of(lane, bit));
  }
  Resources r = loop_cost(p.tiles);
  for (Column f : distinct) {
    if (support_of(f) == 0) continue;
    r += registers(1);
    if (p.tiles > 2 && std::has_single_bit(static_cast<unsigned>(p.tiles - 1))) f.pop_back();
    if (f.front()) f.flip();  // an inverter is none
    if (support_of(f) > 1 && functions.insert(f).second) r += logic(table_luts(support_of(f)));
  }
  return r;
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

}  // namespace elb::spec
