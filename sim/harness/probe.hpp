// The module that Verilator gets as top: the design and, as ports, every boundary of it.
//
//   module elb_probe (input wire aclk, ..., output wire [3:0] p1_data, output wire p1_valid, ...);
//     elb_tiny u_top (.aclk(aclk), ...);
//     assign p1_data = u_top.conv1_data;
//
// The design itself is not touched, and DIR is not written to.
#pragma once
#include <string>

#include "sim/harness/manifest.hpp"

namespace elb::harness {

// Order of the ports in Model::port: these, then data, valid, ready, last of each boundary. Those from
// port_ar_address to port_read_error exist only where the manifest has a memory port.
enum Port {
  port_clock,
  port_reset,
  port_s_data,
  port_s_valid,
  port_s_ready,
  port_s_last,
  port_m_data,
  port_m_valid,
  port_m_ready,
  port_m_last,
  port_frame_error,
  port_ar_address,
  port_ar_length,
  port_ar_size,
  port_ar_burst,
  port_ar_valid,
  port_ar_ready,
  port_r_data,
  port_r_response,
  port_r_last,
  port_r_valid,
  port_r_ready,
  port_weights_base,
  port_read_error,
  port_first_boundary
};

std::string probe_verilog(const Manifest& manifest);

// The C++ that makes a shared object of the simulated probe: elb_model_* of sim/harness/model.hpp.
std::string probe_glue(const Manifest& manifest, bool trace);

}  // namespace elb::harness
