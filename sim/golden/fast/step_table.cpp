#include "sim/golden/fast/step_table.hpp"

#include <algorithm>

namespace elb::golden::fast {

namespace {
// Up to here, comparing a row of channels with one point after the other beats bisection per element.
constexpr int max_counted_points = 31;
}  // namespace

StepTable::StepTable(const nn::Layer& layer) : channels_(static_cast<size_t>(layer.out.c)) {
  ELB_ASSERT(layer.act.has_value() && !layer.steps.empty(),
             "layer '" + layer.name + "' has no switching points");
  act_ = *layer.act;
  points_ = act_.codes() - 1;
  few_ = points_ <= max_counted_points;
  const auto points = static_cast<size_t>(points_);
  (few_ ? by_point_ : by_channel_).resize(points * channels_);
  for (size_t c = 0; c < channels_; ++c) {
    const nn::Steps& steps = layer.steps_of(static_cast<int>(c));
    ELB_ASSERT(steps.points.size() == points,
               "layer '" + layer.name + "' has a wrong number of switching points");
    for (size_t k = 0; k < points; ++k) {
      // Accumulators lie strictly inside 32 bits, so a point outside them means never or always as before.
      const auto point = static_cast<int32_t>(std::clamp<int64_t>(steps.points[k], INT32_MIN, INT32_MAX));
      (few_ ? by_point_[k * channels_ + c] : by_channel_[c * points + k]) = point;
    }
    first_.push_back(steps.reversed ? act_.hi() : act_.lo());
    step_.push_back(steps.reversed ? -act_.step() : act_.step());
  }
}

Tensor StepTable::apply(const Tensor& acc) const {
  Tensor out(acc.shape);
  for (size_t i = 0; i < acc.data.size(); i += channels_) {
    const int32_t* a = acc.data.data() + i;
    int32_t* v = out.data.data() + i;
    if (few_) {
      const int32_t* point = by_point_.data();
      for (int k = 0; k < points_; ++k, point += channels_) {
        for (size_t c = 0; c < channels_; ++c) v[c] += a[c] >= point[c] ? 1 : 0;
      }
    } else {
      for (size_t c = 0; c < channels_; ++c) {
        const int32_t* begin = by_channel_.data() + c * static_cast<size_t>(points_);
        v[c] = static_cast<int32_t>(std::upper_bound(begin, begin + points_, a[c]) - begin);
      }
    }
    for (size_t c = 0; c < channels_; ++c) v[c] = first_[c] + step_[c] * v[c];
  }
  return out;
}

}  // namespace elb::golden::fast
