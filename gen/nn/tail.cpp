#include "nn/tail.hpp"

#include <algorithm>
#include <cmath>

namespace elb::nn {

int real_tail_eval(const Layer& layer, int channel, int64_t acc) {
  const RealTail& tail = *layer.real;
  const ActType& act = *layer.act;
  // One operation a line: nothing may be contracted or reordered.
  double v = tail.scale[channel] * static_cast<double>(acc);
  if (!tail.bias.empty()) v += tail.bias[channel];
  if (tail.bn) {
    v -= tail.mean[channel];
    v *= tail.gamma[channel];
    v /= std::sqrt(tail.variance[channel] + tail.epsilon);
    v += tail.beta[channel];
  }
  v /= act.scale;
  if (act.kind == ActKind::bipolar) return v >= 0 ? 1 : -1;
  return static_cast<int>(std::clamp<double>(std::floor(v + 0.5), act.lo(), act.hi()));
}

}  // namespace elb::nn
