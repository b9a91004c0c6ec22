#include "arch/activation_params.hpp"

#include "arch/activation_choice.hpp"
#include "base/assert.hpp"

namespace elb::arch {

spec::ActivationParams activation_params(const nn::Layer& layer, const Stage& stage,
                                         const nn::CodeDomain& domain, const ActivationLanes& lanes) {
  const int folds = static_cast<int>(ceil_div(lanes.kernels, lanes.p));
  spec::ActivationParams p;
  p.p = lanes.p;
  p.m = lanes.m;
  p.tiles = lanes.groups * folds;
  p.out_bits = stage.out.bits;
  p.kappa = static_cast<int>(domain.kappa);
  if (layer.act) p.steps = layer.act->codes() - 1;

  std::vector<nn::Affine> affine;
  switch (stage.activation) {
    case Activation::threshold:
      p.kind = spec::ActivationKind::threshold;
      break;
    case Activation::affine: {
      p.kind = spec::ActivationKind::affine;
      const auto found = affine_constants(domain);
      ELB_ASSERT(found, "the plan takes affine only where it is proven");
      affine = *found;
      p.shift = affine.front().shift;
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
    const int group = channel / lanes.kernels, k = channel % lanes.kernels;
    spec::ChannelConstants& c =
        p.constants[static_cast<size_t>(group * folds + k / lanes.p) * lanes.p + k % lanes.p];
    switch (p.kind) {
      case spec::ActivationKind::threshold:
        c.points = domain.steps[channel].points;
        c.reversed = domain.steps[channel].reversed;
        break;
      case spec::ActivationKind::affine:
        c.alpha = affine[channel].alpha;
        c.beta = affine[channel].beta;
        break;
      case spec::ActivationKind::raw:
        c.offset = domain.offset[channel] + (layer.raw_bias.empty() ? 0 : layer.raw_bias[channel]);
        break;
    }
  }
  return p;
}

}  // namespace elb::arch
