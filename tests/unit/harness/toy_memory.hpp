// The toy reading fc1's weights from memory, over and over: a tile of 4 words of 24 bits, one in a beat of
// 32, in bursts of 2 beats; two tiles on chip. Every other cycle at most it asks for a burst.
#pragma once
#include "toy.hpp"

namespace toy {

const Edits& reads_memory();        // of the Verilog
const Edits& memory_in_manifest();  // latency 3, a beat per cycle

}  // namespace toy
