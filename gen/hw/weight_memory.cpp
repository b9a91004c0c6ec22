#include "hw/weight_memory.hpp"

#include "hw/cond.hpp"

namespace elb::hw {

hdl::Sig read_weights(hdl::Module& m, const WeightMemory& memory, hdl::Sig early) {
  const int64_t depth = memory.image->depth();
  const LoopCounter address = loop_counter(m, "weight_address_q", depth);
  address.advance(m, early);
  const hdl::RamStyle style =
      memory.style == spec::MemoryStyle::block ? hdl::RamStyle::block : hdl::RamStyle::automatic;
  const hdl::Ram rom = m.ram("weights", {.depth = depth,
                                         .word = hdl::u(memory.image->width()),
                                         .style = style,
                                         .init_file = memory.file,
                                         .image = memory.image});
  return rom.read("weight", early, address.value);
}

}  // namespace elb::hw
