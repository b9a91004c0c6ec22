#include "nn/codes.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/int_math.hpp"
#include "nn/weight_sums.hpp"

namespace elb::nn {
namespace {

int64_t ceil_div_signed(int64_t a, int64_t b) {
  return -floor_div(-a, b);
}

int64_t offset_of(const Layer& layer, int channel, const ActType& in) {
  const int64_t n = layer.fan_in();
  const WeightSums w = sum_weights(layer.weights.data() + n * channel, n);
  const int64_t mask = (int64_t{1} << in.bits) - 1;
  const int64_t selectors = layer.weight->kind == WeightKind::integer ? 0 : in.step() * mask * w.negative;
  return in.base() * w.sum - selectors;
}

}  // namespace

bool widens_bipolar(const Layer& layer) {
  const Window& w = layer.window;
  const bool padded = w.top || w.left || w.bottom || w.right;
  return layer.has_weights() && layer.in_act.kind == ActKind::bipolar && padded && w.pad_value == 0;
}

ActType hw_input_act(const Layer& layer) {
  if (!widens_bipolar(layer)) return layer.in_act;
  return {.kind = ActKind::ternary, .bits = 2, .scale = layer.in_act.scale};
}

int hw_pad_code(const Layer& layer) {
  const ActType act = hw_input_act(layer);
  // A bipolar layer that has no padding may still say pad_value 0, which has no code and needs none.
  return act.holds(layer.window.pad_value) ? act.code_of(layer.window.pad_value) : 0;
}

CodeDomain code_domain(const Layer& layer) {
  ELB_ASSERT(layer.has_tail() && !layer.acc_channel.empty(), "layer '" + layer.name + "' is not folded");
  const int channels = layer.out.c;
  CodeDomain d;
  d.offset.assign(channels, 0);
  if (layer.has_weights()) {
    const ActType in = hw_input_act(layer);
    d.kappa = in.step();
    for (int c = 0; c < channels; ++c) d.offset[c] = offset_of(layer, c, in);
  }
  for (int c = 0; c < channels; ++c) {
    const int64_t o = d.offset[c];
    const Interval acc = layer.acc_channel[c];
    d.t_channel.push_back({.lo = ceil_div_signed(acc.lo - o, d.kappa), .hi = floor_div(acc.hi - o, d.kappa)});
    if (layer.steps.empty()) continue;
    Steps steps = layer.steps_of(c);
    for (int64_t& p : steps.points) p = ceil_div_signed(p - o, d.kappa);
    d.steps.push_back(std::move(steps));
  }
  d.t = d.t_channel[0];
  for (const Interval& i : d.t_channel) d.t = {.lo = std::min(d.t.lo, i.lo), .hi = std::max(d.t.hi, i.hi)};
  return d;
}

}  // namespace elb::nn
