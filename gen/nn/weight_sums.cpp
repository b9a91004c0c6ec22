#include "nn/weight_sums.hpp"

#include <algorithm>

namespace elb::nn {
namespace {

constexpr int kBlock = 64;

// A whole block: g++ 12 makes vector code at -O2 only of loops whose count it knows.
void add_block(const int8_t* w, WeightSums& total) {
  int32_t sum = 0, magnitude = 0, squares = 0, negative = 0;
  for (int i = 0; i < kBlock; ++i) {
    const int32_t v = w[i];
    sum += v;
    magnitude += v < 0 ? -v : v;
    squares += v * v;
    negative += v < 0 ? 1 : 0;
  }
  total.sum += sum;
  total.magnitude += magnitude;
  total.squares += squares;
  total.negative += negative;
}

}  // namespace

WeightSums sum_weights(const int8_t* w, int64_t n) {
  WeightSums total;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) add_block(w + i, total);
  int8_t rest[kBlock] = {};
  std::copy(w + i, w + n, rest);
  add_block(rest, total);
  return total;
}

}  // namespace elb::nn
