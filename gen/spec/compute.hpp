// The compute-engine array: M pixels x P kernels of S-input dot products, summed over the folds of a tile.
//
// With e the code of an activation (a bits, unsigned) and the weight stored as by its selectors:
//   binary   1 bit s (1 = negative):             t = e ^ s            T = sum of t
//   ternary  2 bits {m, s} (s is bit 0):          t = (e ^ s) & m      T = sum of t
//   int n    n bits two's complement w:           t = w * e            T = sum of t (signed)
// The corrections kappa, C_k that make T the true accumulator are constants of the activation stage.
//
// Technologies with primitives make the dot products of selectors of LUT6_2 and carry chains
// (spec/select_dot.hpp), those of integer weights in pairs of DSP slices and LUTs (spec/product_dot.hpp): the
// same T at another latency and cost. Accumulators of selectors may stand in slices that are left
// (elb_accumulate_lanes), and may begin a tile with presets (spec/presets.hpp) instead of 0.
#pragma once
#include "base/bits.hpp"
#include "spec/technology.hpp"

namespace elb::spec {

enum class WeightCode { binary, ternary, integer };

constexpr int kAllDsp = -1;   // as many as products are worth a slice; accumulators are worth none
constexpr int kMostDsp = -2;  // most_dsp

struct ComputeParams {
  Technology technology = Technology::generic;
  WeightCode weight = WeightCode::ternary;
  int weight_bits = 2;  // 1 binary, 2 ternary, n
  int act_bits = 4;
  int s = 1, p = 1, m = 1;
  int folds = 1;            // F: words per tile
  int acc_bits = 16;        // of T: the final value fits; partial sums may wrap
  bool acc_signed = false;  // integer weights, or preset
  bool preset = false;      // selectors, F > 1: accumulators begin a tile with a value per kernel lane
  int dsp = kAllDsp;  // slices of its own: 0 .. most_dsp; what has none is LUTs. Ignored where 0 is most
  bool operator==(const ComputeParams&) const = default;
  int preset_bits() const { return preset ? p * acc_bits : 0; }  // lane p at bit p * acc_bits
  int weight_word_bits() const { return p * s * weight_bits; }   // lane (p, s) at bit (p*S + s) * weight_bits
  int act_word_bits() const { return m * s * act_bits; }         // lane (m, s) at bit (m*S + s) * act_bits
};

// One dot product of the array: S terms t, cut to `sum_bits` (what the accumulator holds of it).
struct DotParams {
  Technology technology = Technology::generic;
  WeightCode weight = WeightCode::ternary;
  int weight_bits = 2;
  int act_bits = 4;
  int s = 1;
  int sum_bits = 1;
  bool operator==(const DotParams&) const = default;
};
DotParams dot_of(const ComputeParams& p);
// Whether the dot product is a SelectDot.
bool is_mapped(const DotParams& p);
// Bits of a sum of `terms` terms, exact but never more than sum_bits; signed for integer weights.
int partial_sum_bits(const DotParams& p, int terms);
// Registers between act, wgt and the sum. Selectors: one per adder level, the selection inside the first (at
// least 1); integer: the product's, then one per adder level. Mapped: those of its plan. (Integer weights in
// slices and LUTs: dot_latency.)
int latency(const DotParams& p);
// Accumulators that a slice holds beside each other: 4 of 12 bits, 2 of 24, 0 of more (UG479, "SIMD Mode").
constexpr int accumulators_of_slice(int acc_bits) {
  return acc_bits <= 12 ? 4 : acc_bits <= 24 ? 2 : 0;
}
// The most slices that it can use. Integer weights: one for two products with an operand in common (of two
// kernels, or of two pixels), one per product for an odd dot product at the end. Selectors with F > 1: those
// that hold all accumulators. 0: no choice (one-bit activations under integer weights; Technology::generic,
// where synthesis decides).
int64_t most_dsp(const ComputeParams& p);
// Slices that it uses: of most_dsp those that dsp allows, for kAllDsp all where a product has nine bits or
// more.
int64_t used_dsp(const ComputeParams& p);
// Accumulators, from the first on, that stand in slices.
int64_t accumulators_in_slices(const ComputeParams& p);
// Whether its dot products are ProductDots (spec/product_dot.hpp).
bool is_product_array(const ComputeParams& p);
// From a word to the sums that accumulators take, or to T where F = 1.
int dot_latency(const ComputeParams& p);
// From a word to T of its tile, counted from the tile's last word: the dot product, and the accumulator where
// F > 1.
int latency(const ComputeParams& p);
// Cycles between words, and so F between tiles.
constexpr int interval(const ComputeParams&) {
  return 1;
}

// Registers of a balanced tree over n operands: ceil(log2(n)).
int tree_levels(int n);

}  // namespace elb::spec
