// Stages evaluated from their spec alone, lane by lane as spec/*.hpp defines them: what the hardware must
// compute.
#pragma once
#include <vector>

#include "arch/stage_specs.hpp"
#include "sim/golden/tensor.hpp"

namespace elb::top::test {

using golden::Tensor;  // of codes, or of raw accumulators

Tensor evaluate(const spec::ComputeStage& s, const Tensor& in);
Tensor evaluate(const spec::LanewiseStage& s, const Tensor& in);
Tensor evaluate(const spec::ElementwiseStage& s, const std::vector<const Tensor*>& in);

}  // namespace elb::top::test
