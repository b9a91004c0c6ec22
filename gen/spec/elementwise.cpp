#include "spec/elementwise.hpp"

namespace elb::spec {

SumOperandsParams sum_params(const ElementwiseStage& stage) {
  SumOperandsParams p{
      .operands = {}, .lanes = stage.out.lanes(), .acc_bits = stage.acc_bits, .acc_signed = stage.acc_signed};
  for (const ElementwiseStage::Operand& o : stage.in) {
    p.operands.push_back(
        {.bits = o.link.bits, .is_signed = o.link.is_signed, .base = o.base, .step = o.step});
  }
  return p;
}

int latency(const ElementwiseStage& stage) {
  return kMeet + latency(sum_params(stage)) + latency(stage.activation);
}

int full_rate_depth(const ElementwiseStage& stage) {
  return latency(stage) + 2;
}

}  // namespace elb::spec
