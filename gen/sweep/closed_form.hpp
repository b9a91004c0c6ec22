// What the planner's search promises for a point, by the closed forms of the options that it chooses: no
// weights are made, no plan is composed. Whether an activation of many steps is affine is not known then; it
// is taken for one.
#pragma once
#include "arch/explore.hpp"
#include "nn/network.hpp"
#include "sweep/point.hpp"

namespace elb::sweep {

Figures closed_form(arch::Explorer& explorer, const nn::Network& shapes, spec::Technology technology,
                    double clock_mhz);

}  // namespace elb::sweep
