#include <algorithm>
#include <numeric>

#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor argmax(const Tensor& in) {
  return top_k(in, 1);
}

Tensor top_k(const Tensor& in, int k) {
  ELB_ASSERT(k >= 1 && static_cast<size_t>(k) <= in.data.size(), "top-k of fewer than k elements");
  std::vector<int32_t> order(in.data.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return in.data[static_cast<size_t>(a)] > in.data[static_cast<size_t>(b)];
  });
  Tensor out({1, 1, k});
  std::copy_n(order.begin(), k, out.data.begin());
  return out;
}

}  // namespace elb::golden::ops
