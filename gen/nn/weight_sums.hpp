// Sums over one kernel's weights, the only thing that bounds, offsets and synthetic thresholds need of 61 M
// of them.
#pragma once
#include <cstdint>

namespace elb::nn {

struct WeightSums {
  int64_t sum = 0;
  int64_t magnitude = 0;  // of |w|
  int64_t squares = 0;
  int64_t negative = 0;  // how many are below 0

  int64_t positive_part() const { return (magnitude + sum) / 2; }
  int64_t negative_part() const { return (sum - magnitude) / 2; }
};

WeightSums sum_weights(const int8_t* w, int64_t n);

}  // namespace elb::nn
