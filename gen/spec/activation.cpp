#include "spec/activation.hpp"

#include <algorithm>

#include "spec/threshold.hpp"

namespace elb::spec {
namespace {

constexpr int kWide = 25, kNarrow = 18;  // of a DSP48's operands, signed
constexpr int kSignsInALut = 6;
constexpr int kFewSteps = 15, kFewAlpha = 24, kManyAlpha = 32;

// Whether the sum with beta stands behind the slices.
bool sums_behind_slices(const ActivationParams& p) {
  if (p.constants.empty()) return true;
  const std::optional<AffineProduct> product = affine_product(affine_t_bits(p), affine_alpha_bits(p));
  return product && product->slices == 2 && !beta_in_first_slice(p);
}

}  // namespace

std::optional<AffineProduct> affine_product(int t_bits, int alpha_bits) {
  using Split = AffineProduct::Split;
  if (std::max(t_bits, alpha_bits) <= kWide && std::min(t_bits, alpha_bits) <= kNarrow)
    return AffineProduct{};
  constexpr int kTwo = kSplitBits + kNarrow;
  if (t_bits <= kWide && alpha_bits <= kTwo) return AffineProduct{.slices = 2, .split = Split::alpha};
  if (alpha_bits <= kWide && t_bits <= kTwo) return AffineProduct{.slices = 2, .split = Split::t};
  return {};
}

int affine_t_bits(const ActivationParams& p) {
  if (p.constants.empty()) return std::min(p.in_bits + (p.in_signed ? 0 : 1), kWide);
  return p.factor_bits > 0 ? p.factor_bits : p.in_bits + (p.in_signed ? 0 : 1);
}

int affine_alpha_bits(const ActivationParams& p) {
  if (p.constants.empty()) return p.steps <= kFewSteps ? kFewAlpha : kManyAlpha;
  int64_t lo = 0, hi = 0;
  for (const ChannelConstants& c : p.constants) lo = std::min(lo, c.alpha), hi = std::max(hi, c.alpha);
  return signed_bits_for(lo, hi);
}

bool beta_in_first_slice(const ActivationParams& p) {
  if (p.constants.empty()) return false;
  const int t_bits = affine_t_bits(p);
  const std::optional<AffineProduct> product = affine_product(t_bits, affine_alpha_bits(p));
  if (!product || product->slices == 1) return false;
  const int whole = product->split == AffineProduct::Split::alpha ? t_bits : affine_alpha_bits(p);
  const int64_t most = int64_t{1} << (whole - 1 + kSplitBits), end = int64_t{1} << (kSumBits - 1);
  return std::all_of(p.constants.begin(), p.constants.end(),
                     [&](const ChannelConstants& c) { return c.beta >= most - end && c.beta < end - most; });
}

bool saturates_in_two_cycles(const ActivationParams& p) {
  const int most = p.in_bits + (p.in_signed ? 0 : 1);
  const int kept = p.constants.empty() ? kNarrow : affine_t_bits(p);
  return most - kept + 1 > kSignsInALut;
}

int latency(const ActivationParams& p) {
  switch (p.kind) {
    case ActivationKind::threshold: {
      int cycles = bits_for(p.steps);
      for (int level = 0; level < bits_for(p.steps); ++level)
        cycles += (point_source(p, level) == PointSource::read ? 1 : 0) + (chooses_points(p, level) ? 1 : 0);
      return cycles;
    }
    case ActivationKind::affine:
      return 5 + (saturates_in_two_cycles(p) ? 1 : 0) + (sums_behind_slices(p) ? 1 : 0);
    case ActivationKind::raw:
      return 1;
  }
  return 0;
}

}  // namespace elb::spec
