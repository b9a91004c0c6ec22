// The compute-engine array: M pixels x P kernels of S-input dot products, summed over the folds of a tile.
//
// With e the code of an activation (a bits, unsigned) and the weight stored as (section 6 of DESIGN):
//   binary   1 bit s (1 = negative):             t = e ^ s            T = sum of t
//   ternary  2 bits {m, s} (s is bit 0):          t = (e ^ s) & m      T = sum of t
//   int n    n bits two's complement w:           t = w * e            T = sum of t (signed)
// The corrections kappa, C_k that make T the true accumulator are constants of the activation stage.
#pragma once
#include "base/bits.hpp"

namespace elb::spec {

enum class WeightCode { binary, ternary, integer };

struct ComputeParams {
  WeightCode weight = WeightCode::ternary;
  int weight_bits = 2;  // 1 binary, 2 ternary, n
  int act_bits = 4;
  int s = 1, p = 1, m = 1;
  int folds = 1;        // F: words per tile
  int acc_bits = 16;    // of T: the final value fits; partial sums may wrap
  bool acc_signed = false;  // integer weights
  bool operator==(const ComputeParams&) const = default;
  int weight_word_bits() const { return p * s * weight_bits; }  // lane (p, s) at bit (p*S + s) * weight_bits
  int act_word_bits() const { return m * s * act_bits; }        // lane (m, s) at bit (m*S + s) * act_bits
};

}  // namespace elb::spec
