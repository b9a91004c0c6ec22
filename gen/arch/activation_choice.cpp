#include "arch/activation_choice.hpp"

namespace elb::arch {

std::optional<std::vector<nn::Affine>> affine_constants(const nn::CodeDomain& domain) {
  return nn::find_affine(domain.steps, domain.t_channel);
}

Activation choose_activation(const nn::Layer& layer) {
  if (!layer.has_tail()) return Activation::none;
  if (!layer.act) return Activation::raw;
  if (layer.act->codes() - 1 <= kManySteps) return Activation::threshold;
  return affine_constants(nn::code_domain(layer)) ? Activation::affine : Activation::threshold;
}

}  // namespace elb::arch
