// One stream to several readers, a FIFO for each (timing: spec/fork.hpp).
//
// The module has clk, rst, streams `in` and `out0`, `out1`, ...
#pragma once
#include "hdl/design.hpp"
#include "spec/fork.hpp"

namespace elb::hw {

// Shared by all forks of equal parameters.
const hdl::Module& build_fork(hdl::Design& d, const spec::ForkParams& p, SrcLoc loc = SrcLoc::here());

}  // namespace elb::hw
