// What the planner's search promises for a point, by the closed forms of the options that it chooses: no
// weights are made, no plan is composed.
#pragma once
#include "arch/explore.hpp"
#include "nn/network.hpp"
#include "sweep/point.hpp"

namespace elb::sweep {

Figures closed_form(arch::Explorer& explorer, const nn::Network& shapes, double clock_mhz);

}  // namespace elb::sweep
