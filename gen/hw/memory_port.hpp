// One AXI read master for the weights of all stages: the port of spec/fetch.hpp, cycle for cycle.
//
//   cycle    t - 1       t            t+1                r              r+1
//            fetch_soon  fetch_grant  arvalid, araddr    rvalid, rdata  fill_valid of the stage that asked,
//            fill_data
//
// Bursts are INCR, of one ID, without write channels. rready is 1 in every cycle, reset included.
// `weights_base` is taken while reset is active: a multiple of 4096, its low 12 bits are not looked at. The
// memory must be reset together with the port, since bursts of before are forgotten.
#pragma once
#include <string>

#include "hdl/design.hpp"
#include "spec/fetch.hpp"

namespace elb::hw {

// Ports, i counting the clients:
//   in   weights_base [address_bits]
//   in   fetch{i}_soon, fetch{i}_address [beat_address_bits], fetch{i}_length [burst_length_bits]
//   out  fetch{i}_grant, fill{i}_valid, fill_data [data_bits], err_rresp
//   m_axi_ar{valid,ready,addr,len,size,burst,cache,prot}, m_axi_r{valid,ready,data,resp,last}
hdl::Module& build_memory_port(hdl::Design& d, const std::string& module, const spec::MemoryPortParams& p);

}  // namespace elb::hw
