// UltraRAM of UltraScale+: how many URAM288 a memory takes (UG573).
//
// A URAM288 is 4096 words of 72 bits, eight block RAMs of 36 Kbit. It has two ports on one clock and comes up
// with zeros: there is no ROM of it. The second port goes after the first one within a cycle, so a word that is
// read while it is written is the old one where the reader has the first port, as in block RAM. Its read takes
// one cycle, as here, or two through its output register.
//
// yosys 0.23 (memory_libmap with the library of synth_xilinx -family xcup) packs words that stand one above
// the other side by side, as it does in block RAM; writes go by 8 or 9 bits, so a width is rounded up to the
// one or the other.
#pragma once
#include "spec/block_ram.hpp"

namespace elb::spec {

struct UltraRamShape {
  static constexpr int kWidth = 72;
  static constexpr int64_t kDepth = 4096;
};

struct UltraRamChoice {
  int64_t words = 1;  // that one address is chosen from, one above the other
  int64_t uram = 1;
};
UltraRamChoice ultra_ram_choice(MemoryShape m);

}  // namespace elb::spec
