#include "spec/ultra_ram.hpp"

#include <algorithm>

#include "base/bits.hpp"

namespace elb::spec {

UltraRamChoice ultra_ram_choice(MemoryShape m) {
  UltraRamChoice c{.words = ceil_div(m.depth, UltraRamShape::kDepth), .uram = INT64_MAX};
  for (const int byte : {8, 9})
    c.uram = std::min(c.uram, ceil_div(c.words * ceil_div(m.width, byte) * byte, UltraRamShape::kWidth));
  return c;
}

}  // namespace elb::spec
