// One dot product with integer weights, or two with an operand in common, in DSP slices and LUTs: the sum of
// S products w * e, w of n bits two's complement, e an unsigned code of a bits.
//
//   in slices   a slice makes a product of each of two dot products, (x1 * 2^shift + x0) * y: two kernels
//               share the code y = e, two pixels the weight y = w. Up to four slices add along their cascade
//               (elb_mul_pairs); the low sum's sign is a borrow from the high one, a bit of the high sum's
//               matrix. Where the low sum has more bits than its field (8 x 8 bits: two DSP48E1 and more),
//               the field above it tells them, since the high sum is known modulo 4 from the lowest bits of
//               its operands (elb_field_borrow)
//   in LUTs     two lanes at a time by rows that select and add (lut_multiplier.hpp), whose operands are
//               prepared outside; for codes of one and two bits, where it costs less, a row of AND gates per
//               bit of the code, two rows per carry chain (elb_gate_add)
//
// and above both an adder tree (adder_tree.hpp). Signed bits are added with their sign inverted, which adds a
// constant; whoever takes the sum adds `constant`, or the tree does (add_constant). Slices reach the tree
// some cycles behind LUTs, which have added meanwhile.
//
//   cycle    0          1 ..      c + 2               c + 3      ..  latency
//            operands   LUTs      chains of c slices  borrows        sums
//
// Two products in a slice: Xilinx WP486, "Deep learning with INT8 optimization on Xilinx devices". Fields
// that overlap and a low part that tells them apart: J. Sommer et al., "DSP-packing: squeezing low-precision
// arithmetic into FPGA DSP blocks" (FPL 2022).
#pragma once
#include <array>
#include <vector>

#include "spec/adder_tree.hpp"
#include "spec/compute.hpp"
#include "spec/lut_multiplier.hpp"
#include "spec/resources.hpp"

namespace elb::spec {

struct ProductDotParams {
  int weight_bits = 8, act_bits = 8;  // weights at least 2
  int s = 1;
  int dots = 2;                // 1: the low one alone
  bool share_weights = false;  // two pixels under one weight; else two kernels over one code
  int slices = 0;              // lanes 0 .. slices - 1 have a slice each, the others are LUTs
  int operand_bits = 24;       // of a slice's wide operand (slice_operand_bits)
  int sum_bits = 1;            // of a sum: modulo 2^sum_bits
  bool add_constant =
      false;  // the sums are the true ones; else less `constant` and the spare bit of the tree
  bool operator==(const ProductDotParams&) const = default;
  bool gates() const { return act_bits <= 2; }
  int raw_lanes() const { return gates() ? s : slices; }  // whose operands are taken as they are
  int x_bits() const { return share_weights ? act_bits : weight_bits; }  // of operands that differ
  int y_bits() const { return share_weights ? weight_bits : act_bits; }
};

// Slices along one cascade.
struct SliceChain {
  int first = 0, lanes = 1;
  int sum_bits = 1;  // of each sum, signed; not less than the field and `over` together where `over` is not 0
  int over = 0;      // bits of the low sum beyond its field: 0, 1 (of two lanes) or 2 (of three or four)
  int cycle() const { return lanes + 2; }
};

struct ProductDot {
  int shift = 0;  // of the high sum in a slice's result
  std::vector<SliceChain> chains;
  int first_cycle = 1;                          // in which the trees' level 0 has its bits
  std::vector<AdderTree> trees;                 // one per dot product
  std::vector<uint64_t> constants;              // one per dot product, modulo 2^63
  std::vector<std::vector<int>> constant_bits;  // columns of ones among a tree's first bits (add_constant)
  int latency = 0;
  Resources resources;                                     // without the preparation of operands of lut_lanes
  int columns() const { return trees.front().columns(); }  // bits of a sum, the true one less the constant
  int spare_bits() const;                                  // trees that leave one
};
// Made once per sum and kept: planners ask for cost and latency over and over. Any thread may ask.
const ProductDot& plan_product_dot(const ProductDotParams& p);

// The dot products of an array of integer weights, one after the other: pairs of pixels, kernel by kernel;
// then of the last pixel, where M is odd, pairs of kernels; then the one that is left. Slices are dealt out
// evenly, the first have one more.
struct ProductUnits {
  ProductDotParams dot;
  int count = 1;  // alike
};
std::vector<ProductUnits> product_units(const ComputeParams& p);

int latency(const ProductDotParams& p);
// Without the preparation of operands of lut_lanes.
Resources cost(const ProductDotParams& p);
// All dot products of an array of integer weights, as late as the latest, and the preparation of operands,
// which those of a pixel and those of a kernel share.
Resources product_units_cost(const ComputeParams& p);

// Lanes of a LutMultiplier: pairs from the highest lane down, then the one that is left. Empty with gates().
struct LutLanes {
  int first = 0;
  LutMultiplierParams multiplier;
};
std::vector<LutLanes> lut_lanes(const ProductDotParams& p);
// With gates(), the rows of the lanes behind the slices, for (lane, bit of the code).
struct GatedRows {
  int lane0 = 0, lane1 = 0;  // lane1 = -1: there is none
  int bit0 = 0, bit1 = 0;    // of the codes; bit1 is bit0, or bit0 + 1 of the same lane
};
std::vector<GatedRows> gated_rows(const ProductDotParams& p);

}  // namespace elb::spec
