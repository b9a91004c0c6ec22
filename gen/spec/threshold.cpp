#include "spec/threshold.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "spec/memory_cost.hpp"

namespace elb::spec {
namespace {

constexpr int kManyPixels = 3;       // from so many on a table by tile is shared rather than compared with
constexpr int kSharedEntryBits = 4;  // where an entry's comparison takes a LUT per bit
constexpr int64_t kLutsPerBram18 = 129;  // as yosys weighs them
// Words of points: four LUTs that MUXF7 and MUXF8 join read so many in one level of LUTs.
constexpr int64_t kOneLevel = 256;
// So many are never kept in primitives one above the other.
constexpr int64_t kOneBlockRam = 1024;

int tile_bits(const ActivationParams& p) {
  return p.tiles > 1 ? bits_for(p.tiles - 1) : 0;
}

// All 2^bits - 1 points of a channel, inside lo .. hi + 1: beyond it no T tells them apart from the ends.
std::vector<int64_t> padded_points(const ActivationParams& p, const ChannelConstants& c, Range r, int bits) {
  ELB_ASSERT(static_cast<int>(c.points.size()) <= p.steps, "no more points than steps");
  std::vector<int64_t> points;
  for (const int64_t v : c.points) points.push_back(std::clamp(v, r.lo, r.hi + 1));
  // Points that are not there (lanes without a kernel) never hold.
  points.resize(static_cast<size_t>(p.steps), r.hi + 1);
  ELB_ASSERT(std::is_sorted(points.begin(), points.end()), "points ascend");
  // A reversed channel is padded with points that always hold: its code n - count is then the complement of
  // what is found.
  const size_t pads = (size_t{1} << bits) - 1 - points.size();
  if (c.reversed) {
    points.insert(points.begin(), pads, r.lo);
  } else {
    points.insert(points.end(), pads, r.hi + 1);
  }
  return points;
}

// Without address bit `bit`, if no value depends on it.
bool drop_bit(std::vector<int64_t>& values, int bit) {
  const size_t mask = size_t{1} << bit;
  for (size_t i = 0; i < values.size(); ++i) {
    if ((i & mask) == 0 && values[i] != values[i | mask]) return false;
  }
  size_t kept = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if ((i & mask) == 0) values[kept++] = values[i];
  }
  values.resize(kept);
  return true;
}

}  // namespace

PointSource point_source(const ActivationParams& p, int level) {
  if (p.preset && level == 0) return PointSource::sign;
  const int bits = tile_bits(p) + level;
  if (bits > kEntryBits) return level == 0 ? PointSource::ahead : PointSource::read;
  const bool shared =
      has_primitives(p.technology) && level == 0 && bits >= kSharedEntryBits && p.m >= kManyPixels;
  return shared ? PointSource::ahead : PointSource::logic;
}

Range range_of(const ActivationParams& p) {
  const int64_t values = int64_t{1} << p.in_bits;
  Range r = p.in_signed ? Range{-values / 2, values / 2 - 1} : Range{0, values - 1};
  if (p.t_lo) r.lo = std::max(r.lo, *p.t_lo);
  if (p.t_hi) r.hi = std::min(r.hi, *p.t_hi);
  return r;
}

PointTables::PointTables(const ActivationParams& p) : p_(p), bits_(bits_for(p.steps)), range_(range_of(p)) {
  for (const ChannelConstants& c : p.constants) points_.push_back(padded_points(p, c, range_, bits_));
}

int64_t PointTables::at(int tile, int lane, int level, int prefix) const {
  const int stride = 1 << (bits_ - 1 - level);
  return points_[static_cast<size_t>(tile) * p_.p + lane][static_cast<size_t>((prefix * 2 + 1) * stride - 1)];
}

PointTable PointTables::table(int lane, int level) const {
  PointTable t;
  const int prefixes = 1 << level, tile_address = tile_bits(p_);
  for (int tile = 0; tile < 1 << tile_address; ++tile) {
    // Tiles that do not exist are like those without the highest bit.
    const int like = tile < p_.tiles ? tile : tile - (1 << (tile_address - 1));
    for (int prefix = 0; prefix < prefixes; ++prefix) t.values.push_back(at(like, lane, level, prefix));
  }
  int kept = 0;
  for (int bit = 0; bit < tile_address + level; ++bit) {
    if (drop_bit(t.values, kept)) continue;
    t.address.push_back(bit);
    ++kept;
  }
  if (static_cast<int>(t.address.size()) == tile_address + level)
    t.values.resize(static_cast<size_t>(p_.tiles) * prefixes);
  const int64_t beyond = int64_t{1} << (p_.in_signed ? p_.in_bits - 1 : p_.in_bits);
  const bool reaches = *std::max_element(t.values.begin(), t.values.end()) >= beyond;
  t.width = p_.in_bits + (reaches ? 1 : 0);
  return t;
}

bool points_in_block_ram(int width, int64_t depth, int m) {
  if (depth > kOneLevel) return true;
  const MemoryShape shape{.width = width, .depth = depth};
  const Resources block = int64_t{m / 2} * block_rom_two_reads(shape) + int64_t{m % 2} * block_rom(shape);
  return kLutsPerBram18 * block.bram18 + block.lut < m * lut_rom(shape).lut;
}

bool chooses_points(const ActivationParams& p, int level) {
  const int64_t depth = int64_t{p.tiles} << level;
  return point_source(p, level) == PointSource::read && depth > kOneBlockRam &&
         points_in_block_ram(p.in_bits, depth, p.m);
}

bool stands_in_parts(const PointTable& table, int m) {
  const MemoryShape whole{.width = table.width, .depth = static_cast<int64_t>(table.values.size())};
  if (!points_in_block_ram(whole.width, whole.depth, m)) return false;
  const MemoryShape kept{.width = std::max(1, table.varying_bits()), .depth = whole.depth};
  return block_ram_choice(kept, true).words > 1 || (m > 1 && words_of_two_reads(kept) > 1);
}

int PointTable::varying_bits() const {
  uint64_t any = 0, all = ~uint64_t{0};
  for (const int64_t v : values) any |= static_cast<uint64_t>(v), all &= static_cast<uint64_t>(v);
  int n = 0;
  for (int bit = 0; bit < width; ++bit) n += (((any & ~all) >> bit) & 1) != 0 ? 1 : 0;
  return n;
}

int64_t comparison_sites(int width) {
  return ceil_div(width, 2);
}

int64_t entry_comparison_sites(int width, int address_bits) {
  return ceil_div(width, std::max(1, kEntryBits - address_bits));
}

}  // namespace elb::spec
