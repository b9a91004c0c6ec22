// What memories take, by the primitives of 7-series and UltraScale+.
//
//   block RAM    a RAMB36 with one write and one read port is 72 x 512, 36 x 1K, 18 x 2K, 9 x 4K, 4 x 8K,
//                2 x 16K or 1 x 32K bits; a RAMB18 has half the width of the first or half the depth;
//                which of them, and what multiplexes them, says spec/block_ram.hpp
//   UltraRAM     72 x 4096 bits, spec/ultra_ram.hpp
//   LUT RAM      four LUTs are a RAM32M (6 bits x 32) or a RAM64M (3 bits x 64), deeper ones share a decoder
//                and a multiplexer per bit
//   LUT ROM      64 words of one bit per LUT; F7 and F8 join four of them
//   SRL          up to 32 cycles of one bit per LUT
#pragma once
#include "spec/block_ram.hpp"
#include "spec/resources.hpp"
#include "spec/stage.hpp"

namespace elb::spec {

// A shallower memory fits LUT RAM better than block RAM.
constexpr int64_t kBlockDepth = 64;

// RAMB18 of a RAM as spec/block_ram.hpp cuts it.
int64_t bram18_of(MemoryShape m);
// With the multiplexer of what stands one above the other.
Resources block_ram(MemoryShape m);
Resources block_rom(MemoryShape m);
Resources ultra_ram(MemoryShape m);
// With two independent reads: 36 bits x 1K to 1 x 32K in a RAMB36, half as wide or deep in a RAMB18.
Resources block_rom_two_reads(MemoryShape m);
// From so many words, one above the other, each of them chooses.
int64_t words_of_two_reads(MemoryShape m);
// One write port, one read port. Without the register behind a synchronous read.
Resources lut_ram(MemoryShape m);
Resources lut_rom(MemoryShape m);
// Flip-flops with a multiplexer: small memories that are not worth a RAM.
Resources register_file(MemoryShape m);

Resources ram(MemoryShape m, MemoryStyle style);
// A ROM read through a register. `logic` leaves the choice to synthesis, which takes block RAM where LUTs
// would cost more.
Resources rom(MemoryShape m, MemoryStyle style);
bool rom_in_block_ram(MemoryShape m, MemoryStyle style);

// A word that `cycles` registers hold back, without reset: SRL from 3 cycles on.
Resources delay(int width, int cycles);

}  // namespace elb::spec
