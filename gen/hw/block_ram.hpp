// A memory with one write and one read port. Block RAM is cut by address into the memories that
// spec/block_ram.hpp says, so that no multiplexer is larger than it has to be; every other style is one
// memory. UltraRAM behaves as block RAM does.
//
//   cycle  0      read_enable, read_address
//   cycle  1..    the word; holds while not enabled
#pragma once
#include <string>

#include "hdl/module.hpp"
#include "spec/block_ram.hpp"
#include "spec/stage.hpp"

namespace elb::hw {

struct RamPorts {
  hdl::Sig write_enable, write_address, write_data;
  std::string read_name;
  hdl::Sig read_enable, read_address;
};
hdl::RamStyle ram_style(spec::MemoryStyle s);

hdl::Sig build_ram(hdl::Module& m, const std::string& name, spec::MemoryShape shape, hdl::RamStyle style,
                   const RamPorts& ports);

}  // namespace elb::hw
