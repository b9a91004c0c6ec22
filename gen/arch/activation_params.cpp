#include "arch/activation_params.hpp"

#include "arch/activation_choice.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

// Points that a channel's T never reaches, or that it always has behind it, are far outside.
void drop_unreachable(std::vector<int64_t>& points, nn::Interval channel, nn::Interval all) {
  for (int64_t& v : points) v = v <= channel.lo ? all.lo : v > channel.hi ? all.hi + 1 : v;
}

}  // namespace

ActivationLanes activation_lanes(const nn::Layer& layer, const Stage& stage) {
  const int groups = stage.engine == Engine::compute ? stage.window->groups : 1;
  return {.groups = groups, .kernels = layer.out.c / groups, .p = stage.out.channels, .m = stage.out.columns};
}

size_t constants_of(const spec::ActivationParams& p, int groups, int group, int kernel) {
  return (static_cast<size_t>(group) * (p.tiles / groups) + kernel / p.p) * p.p + kernel % p.p;
}

spec::ActivationParams activation_shape(const nn::Layer& layer, const Stage& stage,
                                        spec::Technology technology) {
  spec::ActivationParams p{.technology = technology};
  p.kind = stage.activation == Activation::affine ? spec::ActivationKind::affine
           : stage.activation == Activation::raw  ? spec::ActivationKind::raw
                                                  : spec::ActivationKind::threshold;
  const ActivationLanes lanes = activation_lanes(layer, stage);
  p.p = lanes.p;
  p.m = lanes.m;
  p.tiles = lanes.groups * static_cast<int>(ceil_div(lanes.kernels, lanes.p));
  p.in_bits = most_accumulator_bits(layer);
  p.out_bits = stage.out.bits;
  if (layer.act) p.steps = layer.act->codes() - 1;
  return p;
}

spec::ActivationParams activation_params(const nn::Layer& layer, const Stage& stage,
                                         const ActivationLanes& lanes, spec::Technology technology) {
  const nn::CodeDomain& domain = *layer.codes;
  const int folds = static_cast<int>(ceil_div(lanes.kernels, lanes.p));
  spec::ActivationParams p;
  p.technology = technology;
  p.p = lanes.p;
  p.m = lanes.m;
  p.tiles = lanes.groups * folds;
  p.out_bits = stage.out.bits;
  p.kappa = static_cast<int>(domain.kappa);
  if (layer.act) p.steps = layer.act->codes() - 1;

  AffineLayer affine;
  switch (stage.activation) {
    case Activation::threshold:
      p.kind = spec::ActivationKind::threshold;
      p.t_lo = domain.t.lo;
      p.t_hi = domain.t.hi;
      break;
    case Activation::affine: {
      p.kind = spec::ActivationKind::affine;
      auto found = affine_layer(layer);
      ELB_ASSERT(found, "the plan takes affine only where it is proven");
      affine = std::move(*found);
      p.shift = affine.channels.front().shift;
      p.factor_bits = affine.factor_bits;
      break;
    }
    case Activation::raw:
      p.kind = spec::ActivationKind::raw;
      break;
    case Activation::none:
      ELB_ASSERT(false, "a stage without activation has no constants");
  }

  // Lanes of kernels that do not exist keep what their neighbours cannot be disturbed by.
  spec::ChannelConstants none;
  if (p.kind == spec::ActivationKind::threshold) none.points.assign(static_cast<size_t>(p.steps), 0);
  p.constants.assign(static_cast<size_t>(p.tiles) * lanes.p, none);
  for (int channel = 0; channel < layer.out.c; ++channel) {
    spec::ChannelConstants& c =
        p.constants[constants_of(p, lanes.groups, channel / lanes.kernels, channel % lanes.kernels)];
    switch (p.kind) {
      case spec::ActivationKind::threshold:
        c.points = domain.steps[channel].points;
        drop_unreachable(c.points, domain.t_channel[channel], domain.t);
        c.reversed = domain.steps[channel].reversed;
        break;
      case spec::ActivationKind::affine:
        c.alpha = affine.channels[channel].alpha;
        c.beta = affine.channels[channel].beta;
        break;
      case spec::ActivationKind::raw:
        c.offset = domain.offset[channel] + (layer.raw_bias.empty() ? 0 : layer.raw_bias[channel]);
        break;
    }
  }
  return p;
}

}  // namespace elb::arch
