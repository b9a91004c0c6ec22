#include "nn/quantize.hpp"

#include <algorithm>
#include <cmath>

namespace elb::nn {
namespace {

double mean_magnitude(const std::vector<float>& w, double above) {
  double sum = 0;
  int64_t n = 0;
  for (float v : w) {
    const double m = std::fabs(static_cast<double>(v));
    if (m <= above) continue;
    sum += m;
    ++n;
  }
  return n == 0 ? 0 : sum / static_cast<double>(n);
}

QuantizedWeights binary(const std::vector<float>& w) {
  QuantizedWeights q;
  for (float v : w) q.weights.push_back(v < 0 ? -1 : 1);
  q.scale = mean_magnitude(w, -1);
  return q;
}

QuantizedWeights ternary(const std::vector<float>& w) {
  QuantizedWeights q;
  const double threshold = 0.7 * mean_magnitude(w, -1);
  for (float v : w) q.weights.push_back(std::fabs(static_cast<double>(v)) > threshold ? (v < 0 ? -1 : 1) : 0);
  q.scale = mean_magnitude(w, threshold);
  return q;
}

QuantizedWeights integer(const std::vector<float>& w, const WeightType& type, std::vector<double> scale) {
  QuantizedWeights q;
  if (scale.empty()) {
    double peak = 0;
    for (float v : w) peak = std::max(peak, std::fabs(static_cast<double>(v)));
    q.scale = peak / type.hi();
    scale.push_back(q.scale);
  }
  const size_t per_scale = std::max<size_t>(w.size() / scale.size(), 1);
  for (size_t i = 0; i < w.size(); ++i) {
    const double e = scale[i / per_scale];
    const double v = e == 0 ? 0 : std::floor(static_cast<double>(w[i]) / e + 0.5);
    q.weights.push_back(static_cast<int8_t>(std::clamp<double>(v, type.lo(), type.hi())));
  }
  return q;
}

}  // namespace

QuantizedWeights quantize_weights(const std::vector<float>& w, const WeightType& type,
                                  const std::vector<double>& given_scale) {
  QuantizedWeights q;
  switch (type.kind) {
    case WeightKind::binary:
      q = binary(w);
      break;
    case WeightKind::ternary:
      q = ternary(w);
      break;
    case WeightKind::integer:
      q = integer(w, type, given_scale);
      break;
  }
  if (!given_scale.empty()) q.scale = 1;
  // A layer without a single weight above zero: its accumulators are 0, and any E says so.
  if (q.scale == 0) q.scale = 1;
  return q;
}

}  // namespace elb::nn
