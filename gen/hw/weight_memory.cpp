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
  if (reads_ahead(memory)) return m.delay("weight_q", rom.read("weight", read, address.value), 1);
  // No word is looked at but behind `read`; without an enable its registers have sets and resets to spare.
  return rom.read("weight", m.lit(1, hdl::u(1)), address.value);
}

}  // namespace elb::hw
