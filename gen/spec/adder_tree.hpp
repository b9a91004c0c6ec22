// Trees that add a matrix of bits with the leaf elb_compress (rtl_templates/prim), a register behind every
// level.
//
// A matrix has heights[i] bits of weight 2^i; its sum is wanted modulo 2^heights.size(). A chain is one
// elb_compress: a row of counters that share a carry chain, one LUT site per position. What counters take per
// position, and what they leave:
//   "60"  six bits, none above     one sum bit per position         4 bits fewer for 2 sites
//   "c"   four bits                a sum bit and a second carry     2 bits fewer for 1 site; takes no
//   carry_in "41"  four bits, one above     one sum bit per position         3 bits fewer for 2 sites "2" two
//   bits                 a sum bit                        1 bit fewer for 1 site "6"   in the highest column:
//   six bits to one, carries have no weight there
// and a chain that ends below the highest column leaves its carry there. No counter removes more than two
// bits per site, so (bits - result bits) / 2 is the least that a tree can take.
//
// The planner is a search: per level, chains are drawn greedily while they are worth an exchange rate of bits
// per site, for a few rates; a last chain that takes all that is left may end the tree at any level. The tree
// of the least sites + CARRY4 / 4 + registers / 16 is kept. A carry chain stands behind one LUT in every
// level, so no path is longer than one LUT and one carry chain.
//
//   latency   levels     interval 1
//
// Counters: rtl_templates/prim/elb_compress_xc7.v names their sources.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace elb::spec {

struct Chain {
  int column = 0;          // of position 0
  bool carry_in = false;   // takes one more bit of that column
  std::string kinds;       // position 0 first (elb_compress has it last)
  std::vector<int> taken;  // bits that each position takes
  bool operator==(const Chain&) const = default;
  int positions() const { return static_cast<int>(kinds.size()); }
};

struct AdderTree {
  std::vector<int> heights;                // of the matrix
  std::vector<std::vector<int>> later;     // bits that join it at level 1, 2, ..
  bool spare_bit = false;                  // of weight 1, beside the sum: the carry_in of what takes it
  std::vector<std::vector<Chain>> levels;  // every bit that no chain takes waits in a register
  int columns() const { return static_cast<int>(heights.size()); }
};

// Levels: none where every column has at most one bit already. With `spare` one bit more may be left.
AdderTree plan_adder_tree(const std::vector<int>& heights, const std::vector<std::vector<int>>& later = {},
                          bool spare = false);

// The same, if it weighs less than `limit`: a search that stops early.
std::optional<AdderTree> plan_adder_tree_below(int64_t limit, const std::vector<int>& heights,
                                               const std::vector<std::vector<int>>& later, bool spare);

// What a tree is chosen by, in sixteenths of a site: a slice has four sites, one CARRY4 and eight registers.
constexpr int64_t tree_weight(int64_t sites, int64_t carry4, int64_t registers) {
  return 16 * sites + 4 * carry4 + registers;
}
int64_t weight(const AdderTree& tree);
// No tree of so many bits weighs less.
int64_t least_weight(const std::vector<int>& heights, const std::vector<std::vector<int>>& later);

// The matrix behind one level. Asserts that the chains take no bit twice.
std::vector<int> heights_behind(const std::vector<int>& heights, const std::vector<Chain>& level);

int lut_sites(const AdderTree& tree);
int carry4_cells(const std::vector<Chain>& chains);
int64_t registers(const AdderTree& tree);  // flip-flops behind all levels

}  // namespace elb::spec
