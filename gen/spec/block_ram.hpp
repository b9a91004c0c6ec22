// Block RAM: which primitives a memory becomes, and into which memories a deep one is cut.
//
// yosys 0.23 (memory_libmap with the library of synth_xilinx -family xc7) gives every primitive of one memory
// one shape: that of least cost, where a RAMB18 costs 129, a RAMB36 257, a 64K x 1 pair of them 513, each
// input of the output multiplexer beyond the first 1/2 a bit, each word that it chooses from 1/2. Words that
// stand one above the other are packed side by side before they are cut into primitives. Writes go by 9 bits,
// so a width is rounded up to them; a ROM's is not.
//
// Its multiplexers are good up to four words, a LUT a bit; five words take four. So we cut such a memory by
// address into up to six, a power of two deep each except for the last, deep ones first, without a
// multiplexer of their own: 36 x 5120 becomes 36 x 4096 and 36 x 1024, as many RAMB36 and 39 LUTs instead of
// 149.
#pragma once
#include <cstdint>
#include <vector>

namespace elb::spec {

struct MemoryShape {
  int width = 1;      // bits
  int64_t depth = 1;  // words
};

struct BlockRamChoice {
  int unit_width = 1;  // bits of a primitive's word
  int64_t words = 1;   // that one address is chosen from, one above the other
  int64_t bram18 = 1;
};
// Of a ROM with two `reads` each has a port and an output multiplexer.
BlockRamChoice block_ram_choice(MemoryShape m, bool rom = false, int reads = 1);

// Depths of the memories that a RAM of this shape is built as, from address 0 on; never more block RAM than
// the choice for one memory takes. One element where one memory is best.
std::vector<int64_t> block_ram_parts(MemoryShape m);

}  // namespace elb::spec
