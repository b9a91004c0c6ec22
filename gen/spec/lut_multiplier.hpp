// Products of integer weights and activation codes in LUTs and carry chains, two lanes at a time, as bits
// that an adder tree takes (adder_tree.hpp).
//
//   w0 * e0 + w1 * e1 = sum over planes j of +-2^j * ((w0[j] ? e0 : 0) + (w1[j] ? e1 : 0)), - for the highest
//
// A plane of two lanes is one of 0, e0, e1, e0 + e1. The sum e0 + e1 is made once for all kernels, so that
// selecting and adding a plane to a running sum is a function of six bits: a row of act_bits + 1 LUT6 and a
// carry chain (elb_select_row). A Booth row takes as many planes, of one lane, and is a bit wider. Rows form
// chains, with a register behind each; a row is one plane higher than the row before, which leaves a finished
// bit to the tree. A chain begins with elb_select_add, which needs no sum. One lane alone takes two of its
// planes per row (0, e, 2e, 3e), the highest two one by one.
//
// The highest plane is subtracted; the sign bit leaves inverted, and product_constant corrects it.
//
// Distributed arithmetic: S. A. White, IEEE ASSP Magazine, July 1989. A row in one LUT6 per bit: E. G.
// Walters III, "Array multipliers for high throughput in Xilinx FPGAs with 6-input LUTs", Computers, 2016.
//
//   latency   latency(p), the steps of the longest chain     interval 1
//   cycle     0         1           2                     3                             ..   latency(p)
//   rows      plane 0   + plane 1   + plane 2             + plane 3
//   leaves              bit 0       bit 1                 bit 2                              the other bits
//
// A row of step t reads operands that are t cycles old. They are prepared outside, since many multipliers
// share them: activations and their sum all kernels of a pixel, weights all pixels of a kernel. No path is
// longer than a LUT and a carry chain. Shorter chains hold operands back for less long and leave more bits to
// the tree.
//
// In LUT sites per multiply-accumulate at S = 64 with the tree, for 3 / 4 / 6 / 8 activation bits: 8-bit
// weights 18.5 / 22.8 / 31.3 / 39.8, 4-bit 9.5 / 11.8 / 16.3 / 20.8, and act_bits / 2 per lane and pixel for
// the sums of activations. Rows of AND gates, two per carry chain (elb_select_add), take 50.1 at 8 x 8 bits
// and 25.1 at 8 x 4; they take less where codes have one or two bits.
#pragma once
#include <cstdint>
#include <vector>

#include "spec/resources.hpp"

namespace elb::spec {

struct LutMultiplierParams {
  int lanes = 2;                      // 1 or 2
  int act_bits = 8, weight_bits = 8;  // 1..8 unsigned; 2..8 two's complement
  int most_steps = 8;                 // rows of a chain, at least 2
  bool operator==(const LutMultiplierParams&) const = default;
};

struct LutRow {
  int plane = 0;          // of its lowest bit
  int planes = 1;         // that it adds, of a lane alone
  int step = 0;           // reads operands of so many cycles ago
  bool first = false;     // of its chain: elb_select_add
  bool subtract = false;  // the highest plane
  int bits = 0;           // LUT sites
  int out_bits = 0;       // of the running sum behind it, from `plane` on
  bool operator==(const LutRow&) const = default;
};
// Chain by chain, lowest plane first.
std::vector<LutRow> lut_rows(const LutMultiplierParams& p);

// A bit of weight 2^weight that stands in a register so many cycles after act and wgt.
struct ProductBit {
  int weight = 0, cycle = 0;
  bool operator==(const ProductBit&) const = default;
};
// What a multiplier leaves, bit 0 of its output first. The sum of all plus product_constant is the product
// (two lanes: the sum of both).
std::vector<ProductBit> product_bits(const LutMultiplierParams& p);
int64_t product_constant(const LutMultiplierParams& p);
int latency(const LutMultiplierParams& p);

// Whether rows read e0 + e1 (of one lane: 3e), and how wide it is.
bool needs_sum(const LutMultiplierParams& p);
int sum_bits(const LutMultiplierParams& p);
// The prepared activations: the lanes (lane i at i * act_bits), then for each step from 1 on the lanes and
// the sum of that many cycles ago, if rows need it.
int step_bits(const LutMultiplierParams& p, int step);
int step_offset(const LutMultiplierParams& p, int step);
int prepared_bits(const LutMultiplierParams& p);

// Of one multiplier, without the preparation of operands.
Resources cost(const LutMultiplierParams& p);
// Of the preparation of `lanes` activations, once per pixel, and of `lanes` weights, once per kernel.
Resources activations_cost(const LutMultiplierParams& p);
Resources weights_cost(const LutMultiplierParams& p);

}  // namespace elb::spec
