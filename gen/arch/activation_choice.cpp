#include "arch/activation_choice.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "spec/cost.hpp"

namespace elb::arch {
namespace {

constexpr int kMostWide = 25, kMostNarrow = 18;  // of a DSP slice's operands
constexpr int64_t kLutsPerBram18 = 200, kLutsPerDsp = 240;

// Whether no code changes where T is saturated to `bits` of two's complement.
bool saturates(const nn::CodeDomain& domain, const std::vector<nn::Affine>& channels, int bits) {
  const int64_t hi = (int64_t{1} << (bits - 1)) - 1;
  for (size_t c = 0; c < channels.size(); ++c) {
    const int n = static_cast<int>(domain.steps[c].points.size());
    const nn::Interval t = domain.t_channel[c];
    const auto same = [&](int64_t a, int64_t b) { return channels[c].code(a, n) == channels[c].code(b, n); };
    if (!same(std::min(t.hi, hi), t.hi) || !same(std::max(t.lo, -hi - 1), t.lo)) return false;
  }
  return true;
}

int64_t weight(const spec::Resources& r) {
  return r.lut + kLutsPerBram18 * r.bram18 + kLutsPerDsp * r.dsp;
}

}  // namespace

std::optional<AffineLayer> affine_layer(const nn::Layer& layer) {
  ELB_ASSERT(layer.codes && layer.affine, "layer '" + layer.name + "' is not folded");
  const nn::CodeDomain& domain = *layer.codes;
  const std::optional<std::vector<nn::Affine>>& channels = layer.affine->of(domain);
  if (!channels) return std::nullopt;
  int64_t lo = 0, hi = 0;
  for (const nn::Affine& a : *channels) lo = std::min(lo, a.alpha), hi = std::max(hi, a.alpha);
  const int alpha_bits = signed_bits_for(lo, hi);
  const int t_bits = signed_bits_for(std::min<int64_t>(domain.t.lo, 0), domain.t.hi);
  std::optional<spec::AffineProduct> best = spec::affine_product(t_bits, alpha_bits);
  int factor_bits = 0;
  for (const int bits : {kMostWide, kMostNarrow}) {
    if (bits >= t_bits) continue;
    const auto product = spec::affine_product(bits, alpha_bits);
    if (!product || (best && best->slices <= product->slices) || !saturates(domain, *channels, bits))
      continue;
    best = product;
    factor_bits = bits;
  }
  if (!best) return std::nullopt;
  return AffineLayer{.channels = *channels, .factor_bits = factor_bits};
}

int most_accumulator_bits(const nn::Layer& layer) {
  const int64_t codes = int64_t{layer.in_act.codes()} - 1;
  if (!layer.weight) return bits_for(codes * layer.window.kh * layer.window.kw) + 1;
  const int64_t most = codes * layer.fan_in();
  return layer.weight->kind == nn::WeightKind::integer
             ? signed_bits_for(most * layer.weight->lo(), most * layer.weight->hi())
             : bits_for(most);
}

Activation choose_activation(const nn::Layer& layer, const spec::ActivationParams& shape) {
  if (!layer.has_tail()) return Activation::none;
  if (!layer.act) return Activation::raw;
  spec::ActivationParams threshold = shape, affine = shape;
  threshold.kind = spec::ActivationKind::threshold;
  affine.kind = spec::ActivationKind::affine;
  if (weight(spec::cost(threshold)) <= weight(spec::cost(affine))) return Activation::threshold;
  return affine_layer(layer) ? Activation::affine : Activation::threshold;
}

}  // namespace elb::arch
