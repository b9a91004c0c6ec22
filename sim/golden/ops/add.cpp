#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor add(const std::vector<const Tensor*>& inputs) {
  ELB_ASSERT(!inputs.empty(), "an addition without inputs");
  Tensor acc(inputs[0]->shape);
  for (const Tensor* in : inputs) ELB_ASSERT(in->shape == acc.shape, "an addition of unequal shapes");
  for (size_t i = 0; i < acc.data.size(); ++i) {
    int64_t sum = 0;
    for (const Tensor* in : inputs) sum += in->data[i];
    acc.data[i] = stored(sum);
  }
  return acc;
}

}  // namespace elb::golden::ops
