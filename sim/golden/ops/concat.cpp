#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor concat(const std::vector<const Tensor*>& inputs) {
  ELB_ASSERT(!inputs.empty(), "a concatenation without inputs");
  nn::Shape shape = inputs[0]->shape;
  shape.c = 0;
  for (const Tensor* in : inputs) {
    ELB_ASSERT(in->shape.h == shape.h && in->shape.w == shape.w, "a concatenation of unequal maps");
    shape.c += in->shape.c;
  }
  Tensor out(shape);
  int first = 0;
  for (const Tensor* in : inputs) {
    for (int y = 0; y < shape.h; ++y) {
      for (int x = 0; x < shape.w; ++x) {
        for (int c = 0; c < in->shape.c; ++c) out.at(y, x, first + c) = in->at(y, x, c);
      }
    }
    first += in->shape.c;
  }
  return out;
}

Tensor flatten(const Tensor& in) {
  Tensor out = in;
  out.shape = {1, 1, static_cast<int>(in.shape.size())};
  return out;
}

}  // namespace elb::golden::ops
