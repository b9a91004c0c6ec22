#include "sim/golden/tail.hpp"

#include <algorithm>
#include <cmath>

namespace elb::golden {

int real_value(const nn::RealTail& tail, const nn::ActType& act, int channel, int64_t acc) {
  const auto c = static_cast<size_t>(channel);
  double v = tail.scale[c] * static_cast<double>(acc);
  if (!tail.bias.empty()) v = v + tail.bias[c];
  if (tail.bn) {
    v = v - tail.mean[c];
    v = tail.gamma[c] * v;
    v = v / std::sqrt(tail.variance[c] + tail.epsilon);
    v = v + tail.beta[c];
  }
  v = v / act.scale;
  if (act.kind == nn::ActKind::bipolar) return v >= 0 ? 1 : -1;
  v = std::floor(v + 0.5);
  return static_cast<int>(std::clamp(v, static_cast<double>(act.lo()), static_cast<double>(act.hi())));
}

int stepped_value(const nn::Steps& steps, const nn::ActType& act, int64_t acc) {
  int count = 0;
  for (int64_t point : steps.points) count += acc >= point ? 1 : 0;
  const int all = static_cast<int>(steps.points.size());
  return act.value_of(steps.reversed ? all - count : count);
}

namespace {
template <class Value>
Tensor map_channels(const Tensor& acc, Value value) {
  Tensor out(acc.shape);
  const auto channels = static_cast<size_t>(acc.shape.c);
  for (size_t i = 0; i < acc.data.size(); ++i)
    out.data[i] = value(static_cast<int>(i % channels), acc.data[i]);
  return out;
}
}  // namespace

Tensor apply_real(const Tensor& acc, const nn::RealTail& tail, const nn::ActType& act) {
  return map_channels(acc, [&](int c, int64_t a) { return real_value(tail, act, c, a); });
}

Tensor apply_steps(const Tensor& acc, const nn::Layer& layer) {
  ELB_ASSERT(layer.act.has_value() && !layer.steps.empty(),
             "layer '" + layer.name + "' has no switching points");
  return map_channels(acc, [&](int c, int64_t a) { return stepped_value(layer.steps_of(c), *layer.act, a); });
}

Tensor codes_of(const Tensor& values, const nn::ActType& act) {
  Tensor out = values;
  for (int32_t& v : out.data) {
    ELB_ASSERT(act.holds(v), "a value is none of " + nn::to_string(act));
    v = act.code_of(v);
  }
  return out;
}

}  // namespace elb::golden
