#include "spec/activation.hpp"

#include <algorithm>

#include "spec/threshold.hpp"

namespace elb::spec {
namespace {

constexpr int kWide = 25, kNarrow = 18;  // of a DSP48's operands, signed
constexpr int kFewSteps = 15, kFewAlpha = 24, kManyAlpha = 32;

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

int latency(const ActivationParams& p) {
  switch (p.kind) {
    case ActivationKind::threshold: {
      int cycles = bits_for(p.steps);
      for (int level = 0; level < bits_for(p.steps); ++level)
        cycles += point_source(p, level) == PointSource::read ? 1 : 0;
      return cycles;
    }
    case ActivationKind::affine:
      return 5;
    case ActivationKind::raw:
      return 1;
  }
  return 0;
}

}  // namespace elb::spec
