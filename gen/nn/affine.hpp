// Switching points as alpha x + beta (the AccELB paper's form), where integers exist that step at exactly the
// same places:
//
//   code(T) = clamp((alpha T + beta) >> shift, 0, n)      arithmetic shift, for every reachable T
//
// For a fixed shift every step k asks alpha p_k + beta >= k 2^shift and alpha (p_k - 1) + beta < k 2^shift:
// the room left for beta is a concave function of alpha, so its best alpha is found by bisection. What is
// feasible with one shift is so with the next.
#pragma once
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "nn/network.hpp"

namespace elb::nn {

// Of alpha, in two's complement. 24 bits, one port of a DSP slice, are enough for 4-bit codes; 255 steps over
// 2^28 accumulators take up to 31.
inline constexpr int kAffineAlphaBits = 34;
inline constexpr int kAffineMaxShift = 46;

struct Affine {
  int64_t alpha = 0;
  int64_t beta = 0;
  int shift = 0;
  int64_t code(int64_t t, int n) const;
};

// The one with the smallest shift, or nothing. |t| < 2^32; 2^32 also bounds where points count as never or
// always.
std::optional<Affine> find_affine(const Steps& steps, Interval t);

// All channels with one common shift; nothing if one of them cannot.
std::optional<std::vector<Affine>> find_affine(const std::vector<Steps>& steps,
                                               const std::vector<Interval>& t);

// A layer's constants, found when first asked for.
class AffineMemo {
 public:
  const std::optional<std::vector<Affine>>& of(const CodeDomain& domain);

 private:
  std::once_flag once_;
  std::optional<std::vector<Affine>> found_;
};

// The proof: equal at both ends of `t`, at every point, and just before it; between those both sides are
// monotone.
bool affine_equals(const Affine& affine, const Steps& steps, Interval t);

}  // namespace elb::nn
