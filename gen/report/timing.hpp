// The cycle of the first and last beat of every frame at every boundary, as the model predicts them: the same
// file, byte by byte, that `elbsim --timing` writes of a simulation of as many frames.
#pragma once
#include <string>

#include "arch/model.hpp"
#include "arch/plan.hpp"
#include "nn/network.hpp"

namespace elb::report {

// {streams: [{layer, port, frames: [[first, last]]}]}: one per stage in the plan's order, then the output
// port. Cycle 0 is the first after reset.
std::string timing_json(const nn::Network& net, const arch::Plan& plan, const arch::ModelResult& model);

}  // namespace elb::report
