// The search of a threshold stage: which point every level of the bisection compares with, and where it comes
// from.
//
// Level l compares T with the one point that the l bits decided so far leave, and decides the next lower bit:
//
//   bit[k-1-l] = T >= points[(prefix * 2 + 1) * 2^(k-1-l) - 1]        k = bits of the count
//
// So a lane's points of a level are a table with the address {tile, prefix}, one value of which is looked up
// per pixel. Point source of a level, by the bits of this address:
//
//   logic   up to kEntryBits: the points are part of the comparison's logic
//   ahead   level 0 of more: a table by tile that is read one cycle before T comes, once for all pixels
//   sign    level 0 of preset T: holds where T is not negative
//   read    the others: a memory per pixel (block RAM: per two pixels, one port each), read in a cycle of its
//           own, and another one where it may be deeper than a block RAM
//
// Technologies with primitives compare in LUT6_2 and carry chains: two bits of two operands per LUT site, or
// 5 - a bits (at least one) of T with one of 2^a constants, which then cost nothing more (rtl_templates/prim
// elb_at_least, elb_at_least_entry).
#pragma once
#include <vector>

#include "spec/activation.hpp"

namespace elb::spec {

inline constexpr int kEntryBits = 5;

enum class PointSource { logic, ahead, sign, read };
PointSource point_source(const ActivationParams& p, int level);

// The values that T can have.
struct Range {
  int64_t lo = 0, hi = 0;
};
Range range_of(const ActivationParams& p);

// What one comparator selects its point from. Points at lo or below hold always, points above hi never.
struct PointTable {
  std::vector<int> address = {};     // bits of {tile, prefix} that the point depends on, lowest first
  std::vector<int64_t> values = {};  // by these bits; lo .. hi + 1
  int width = 1;  // of the comparison: that of T, or one more where T alone cannot be below hi + 1
  bool constant() const { return address.empty(); }
  int varying_bits() const;  // of the values: others are not kept in block RAM
};

// Of a stage whose constants are known.
class PointTables {
 public:
  explicit PointTables(const ActivationParams& p);
  PointTable table(int lane, int level) const;
  int64_t at(int tile, int lane, int level, int prefix) const;

 private:
  const ActivationParams& p_;
  int bits_;
  Range range_;
  std::vector<std::vector<int64_t>> points_;  // [tile * p + lane], all 2^bits - 1 of them
};

// Whether the memories of a lane's points are block RAM, for M pixels.
bool points_in_block_ram(int width, int64_t depth, int m);
// Whether what a level reads may come from several primitives of block RAM: the choice takes a cycle of its
// own. Known by the stage's shape alone.
bool chooses_points(const ActivationParams& p, int level);
// Whether this lane's points do; those of the others are read in that cycle.
bool stands_in_parts(const PointTable& table, int m);

// LUT sites of these comparisons.
int64_t comparison_sites(int width);
int64_t entry_comparison_sites(int width, int address_bits);

}  // namespace elb::spec
