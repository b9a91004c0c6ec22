// The whole accelerator: a module per stage, and the top that joins them (docs/architecture.md).
//
//   elb_tiny  aclk, aresetn, s_axis_*, m_axis_*, frame_error
//     u_input -> input_{data,valid,ready,last} -> u_conv1 -> conv1_{data,valid,ready,last} -> ... -> m_axis
//
// Where stages fetch weights, u_memory_port serves them, and the top has m_axi_ar*, m_axi_r*, weights_base
// and err_rresp (hw/memory_port.hpp).
//
// A stage that several read is forked in lockstep, each reading edge through a branch FIFO as deep as the
// plan says.
#pragma once
#include <string>

#include "arch/plan.hpp"
#include "hdl/design.hpp"
#include "spec/stage.hpp"

namespace elb::top {

// Bits of an AXI4-Stream tdata that carries `bits`: whole bytes.
inline int axis_bits(int bits) {
  return static_cast<int>(ceil_div(bits, 8)) * 8;
}
// Bits of a beat of pixels.
inline int pixel_bits(const spec::Link& input) {
  return 8 * input.lanes();
}

// Builds every module of `plan` into the empty design; `specs` are those of its stages
// (arch/stage_specs.hpp). The top is called `top`.
void assemble(hdl::Design& design, const nn::Network& net, const arch::Plan& plan,
              const std::vector<spec::StageSpec>& specs, const std::string& top);

}  // namespace elb::top
