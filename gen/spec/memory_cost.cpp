#include "spec/memory_cost.hpp"

#include <algorithm>
#include <array>

#include "base/bits.hpp"
#include "spec/logic_cost.hpp"

namespace elb::spec {
namespace {

// What a RAMB18 can be, the widest first; the parity bits are data, so only 36, 18 and 9 have them. A RAMB36
// is two of them side by side or one behind the other, so that no shape of its own saves a half.
struct Shape {
  int width;
  int depth_bits;
};
constexpr std::array<Shape, 6> kShapes{{{36, 9}, {18, 10}, {9, 11}, {4, 12}, {2, 13}, {1, 14}}};

// Columns of each shape that a width up to the widest shape takes.
using Columns = std::array<std::array<int, kShapes.size()>, kShapes.front().width + 1>;
constexpr Columns columns_of_widths() {
  Columns c{};
  for (size_t width = 0; width < c.size(); ++width) {
    for (size_t s = 0; s < kShapes.size(); ++s)
      c[width][s] = (static_cast<int>(width) + kShapes[s].width - 1) / kShapes[s].width;
  }
  return c;
}
constexpr Columns kColumns = columns_of_widths();

}  // namespace

int64_t bram18_of(MemoryShape m) {
  // Whole columns of one shape, the rest of the width by whatever is cheapest for it.
  std::array<int64_t, kShapes.size()> column{};
  for (size_t s = 0; s < kShapes.size(); ++s)
    column[s] = (m.depth + (int64_t{1} << kShapes[s].depth_bits) - 1) >> kShapes[s].depth_bits;
  int64_t best = 0;
  for (size_t s = 0; s < kShapes.size(); ++s) {
    const int whole = m.width / kShapes[s].width, rest = m.width % kShapes[s].width;
    int64_t rest_cost = rest > 0 ? column[s] : 0;
    for (size_t r = s + 1; r < kShapes.size() && rest > 0; ++r)
      rest_cost = std::min(rest_cost, kColumns[static_cast<size_t>(rest)][r] * column[r]);
    const int64_t cost = whole * column[s] + rest_cost;
    if (best == 0 || cost < best) best = cost;
  }
  return best;
}

Resources block_ram(MemoryShape m) {
  return {.lut = 0, .ff = 0, .bram18 = bram18_of(m), .dsp = 0};
}

Resources lut_ram(MemoryShape m) {
  const int64_t small = 4 * ceil_div(m.width, 6), large = 4 * ceil_div(m.width, 3);
  if (m.depth <= 32) return {.lut = small};
  const int64_t quads = m.depth / 64, rest = m.depth % 64;
  const int64_t parts = quads + (rest > 0 ? 1 : 0);
  const int64_t cells = quads * large + (rest == 0 ? 0 : rest <= 32 ? small : large);
  return {.lut = cells + m.width * mux_luts(parts) + (parts > 1 ? parts : 0)};
}

Resources lut_rom(MemoryShape m) {
  const int64_t parts = ceil_div(m.depth, 64);
  return {.lut = m.width * (parts + (parts > 4 ? mux_luts(ceil_div(parts, 4)) : 0))};
}

Resources register_file(MemoryShape m) {
  return {.lut = m.width * mux_luts(m.depth) + (m.depth > 1 ? m.depth : 0), .ff = m.width * m.depth};
}

Resources ram(MemoryShape m, MemoryStyle style) {
  switch (style) {
    case MemoryStyle::block:
      return block_ram(m);
    case MemoryStyle::distributed:
      return lut_ram(m) + registers(m.width);
    case MemoryStyle::logic:
      return register_file(m) + registers(m.width);
  }
  return {};
}

Resources rom(MemoryShape m, MemoryStyle style) {
  // yosys weighs 64 bits of a LUT ROM as one LUT, half a block RAM as 129.
  constexpr int64_t kBitsWorthABlock = 64 * 129;
  if (style == MemoryStyle::block || m.width * m.depth > kBitsWorthABlock * bram18_of(m)) return block_ram(m);
  return lut_rom(m) + registers(m.width);
}

Resources delay(int width, int cycles) {
  if (cycles < 3) return registers(int64_t{width} * cycles);
  return {.lut = width * ceil_div(cycles, 32)};
}

}  // namespace elb::spec
