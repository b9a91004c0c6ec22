#include "spec/memory_cost.hpp"

#include <array>

#include "base/bits.hpp"
#include "spec/logic_cost.hpp"
#include "spec/ultra_ram.hpp"

namespace elb::spec {
namespace {

// Write enables.
int64_t decoder_luts(int64_t words) {
  return words <= 1 ? 0 : words <= 5 || words > 8 ? words : words + 5;
}

Resources stacked(int64_t words, int width, bool rom) {
  if (words == 1) return {};
  const int64_t tenths = !rom && words == 5 ? 40 : multiplexer_tenths(words);
  return {.lut = ceil_div(tenths * width, 10) + (rom ? 0 : decoder_luts(words)), .ff = bits_for(words - 1)};
}

Resources block_ram_cost(MemoryShape m) {
  const std::vector<int64_t> parts = block_ram_parts(m);
  Resources r;
  for (const int64_t depth : parts) {
    const BlockRamChoice c = block_ram_choice({m.width, depth});
    r += Resources{.bram18 = c.bram18} + stacked(c.words, m.width, false);
  }
  const auto n = static_cast<int64_t>(parts.size());
  if (n == 1) return r;
  return r + Resources{.lut = m.width * (n <= 4 ? 1 : 2) + n, .ff = bits_for(n - 1)};
}

Resources block_rom_cost(MemoryShape m) {
  const BlockRamChoice c = block_ram_choice(m, true);
  return Resources{.bram18 = c.bram18} + stacked(c.words, m.width, true);
}

// A search for plans asks for the same few shapes over and over.
constexpr int kRememberedBits = 13;
template <Resources (*compute)(MemoryShape)>
Resources remembered(MemoryShape m) {
  struct Entry {
    MemoryShape shape{0, 0};
    Resources cost;
  };
  thread_local std::array<Entry, 1 << kRememberedBits> entries;
  const auto hash = static_cast<uint64_t>(m.depth * 4096 + m.width) * 0x9e3779b97f4a7c15;
  Entry& e = entries[hash >> (64 - kRememberedBits)];
  if (e.shape.width != m.width || e.shape.depth != m.depth) e = {m, compute(m)};
  return e.cost;
}

}  // namespace

int64_t bram18_of(MemoryShape m) {
  return block_ram(m).bram18;
}

Resources block_ram(MemoryShape m) {
  return remembered<block_ram_cost>(m);
}

Resources block_rom(MemoryShape m) {
  return remembered<block_rom_cost>(m);
}

Resources ultra_ram(MemoryShape m) {
  const UltraRamChoice c = ultra_ram_choice(m);
  return Resources{.uram = c.uram} + stacked(c.words, m.width, false);
}

Resources block_rom_two_reads(MemoryShape m) {
  const BlockRamChoice c = block_ram_choice(m, true, 2);
  return Resources{.bram18 = c.bram18} + 2 * stacked(c.words, m.width, true);
}

int64_t words_of_two_reads(MemoryShape m) {
  return block_ram_choice(m, true, 2).words;
}

Resources lut_ram(MemoryShape m) {
  const int64_t small = 4 * ceil_div(m.width, 6), large = 4 * ceil_div(m.width, 3);
  if (m.depth == 1) return {.lut = 4 * ceil_div(m.width, 8)};  // the write port reads the same word
  if (m.depth <= 32) return {.lut = small};
  const int64_t quads = m.depth / 64, rest = m.depth % 64;
  const int64_t parts = quads + (rest > 0 ? 1 : 0);
  const int64_t cells = quads * large + (rest == 0 ? 0 : rest <= 32 ? small : large);
  // yosys takes two LUTs of three parts where the last is one of 32 words.
  const int64_t mux = mux_luts(parts) + (parts == 3 && rest > 0 && rest <= 32 ? 1 : 0);
  return {.lut = cells + m.width * mux + (parts > 1 ? parts : 0)};
}

Resources lut_rom(MemoryShape m) {
  int64_t parts = ceil_div(m.depth, 64);
  if (parts == 3) ++parts;  // the second F7 joins two
  return {.lut = m.width * (parts + (parts > 4 ? mux_luts(ceil_div(parts, 4)) : 0))};
}

Resources register_file(MemoryShape m) {
  return {.lut = m.width * mux_luts(m.depth) + (m.depth > 1 ? m.depth : 0), .ff = m.width * m.depth};
}

Resources ram(MemoryShape m, MemoryStyle style) {
  switch (style) {
    case MemoryStyle::block:
      return block_ram(m);
    case MemoryStyle::ultra:
      return ultra_ram(m);
    case MemoryStyle::distributed:
      return lut_ram(m) + registers(m.width);
    case MemoryStyle::logic:
      return register_file(m) + registers(m.width);
  }
  return {};
}

bool rom_in_block_ram(MemoryShape m, MemoryStyle style) {
  // yosys weighs 64 bits of a LUT ROM as one LUT, half a block RAM as 129.
  constexpr int64_t kBitsWorthABlock = 64 * 129;
  return style == MemoryStyle::block || m.width * m.depth > kBitsWorthABlock * block_rom(m).bram18;
}

Resources rom(MemoryShape m, MemoryStyle style) {
  if (rom_in_block_ram(m, style)) return block_rom(m);
  return lut_rom(m) + registers(m.width);
}

Resources delay(int width, int cycles) {
  if (cycles < 3) return registers(int64_t{width} * cycles);
  return {.lut = width * ceil_div(cycles, 32)};
}

}  // namespace elb::spec
