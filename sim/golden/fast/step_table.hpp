// Switching points of a layer laid out for speed: what apply_steps() gives, several times faster.
#pragma once
#include <vector>

#include "sim/golden/tensor.hpp"

namespace elb::golden::fast {

class StepTable {
 public:
  explicit StepTable(const nn::Layer& layer);  // needs layer.act and layer.steps
  Tensor apply(const Tensor& acc) const;

 private:
  nn::ActType act_;
  int points_ = 0;
  size_t channels_ = 0;
  bool few_ = false;                   // counted point by point; else found by bisection
  std::vector<int32_t> by_point_;      // [points][channels]
  std::vector<int32_t> by_channel_;    // [channels][points]
  std::vector<int32_t> first_, step_;  // value = first + step * count, per channel: direction included
};

}  // namespace elb::golden::fast
