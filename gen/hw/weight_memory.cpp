#include "hw/weight_memory.hpp"

#include "hw/cond.hpp"
#include "spec/memory_cost.hpp"

namespace elb::hw {

bool reads_ahead(const WeightMemory& memory) {
  return spec::rom_in_block_ram({.width = memory.image->width(), .depth = memory.image->depth()},
                                memory.style);
}

hdl::Sig read_weights(hdl::Module& m, const WeightMemory& memory, hdl::Sig read) {
  const int64_t depth = memory.image->depth();
  const LoopCounter address = counter_with_last(m, "weight_address_q", depth);
  address.advance(m, read);
  const hdl::RamStyle style =
      memory.style == spec::MemoryStyle::block ? hdl::RamStyle::block : hdl::RamStyle::automatic;
  const hdl::Ram rom = m.ram("weights", {.depth = depth,
                                         .word = hdl::u(memory.image->width()),
                                         .style = style,
                                         .init_file = memory.file,
                                         .image = memory.image});
  const hdl::Sig word = rom.read("weight", read, address.value);
  return reads_ahead(memory) ? m.delay("weight_q", word, 1) : word;
}

}  // namespace elb::hw
