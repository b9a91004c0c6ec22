#include "spec/fifo.hpp"

namespace elb::spec {

MemoryStyle fifo_style(int data_bits, int depth) {
  if (depth <= 2) return MemoryStyle::logic;
  // A quad of LUTs holds 32 x 6 or 64 x 3 bits, so a bit costs 2/3 or 4/3 LUT per started 32 or 64 words.
  const int word = data_bits + 1;
  const int64_t luts =
      depth <= 32 ? ceil_div(int64_t{word} * 2, 3) : ceil_div(depth, 64) * ceil_div(int64_t{word} * 4, 3);
  constexpr int64_t kLutsWorthABlock = 256;
  return depth > 64 && luts > kLutsWorthABlock ? MemoryStyle::block : MemoryStyle::distributed;
}

}  // namespace elb::spec
