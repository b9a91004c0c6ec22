// Weights from memory. Against yosys 0.23 (`synth_xilinx -family xc7 -flatten`), LUTs and flip-flops:
//
//   buffer  D=512 W=96 F=256, 2 slots     estimate  280, 44      yosys  276, 44
//           D=128 W=300 F=27, 3 slots, LUTRAM     1018, 344            1010, 346
//           D=64 W=48, 1000 words, once              67, 43              56, 43
//   port    1 stage, D=64                            41, 126             41, 126
//           3 stages, D=512                         102, 583            104, 586
//           8 stages, D=128                         191, 212            234, 216
#include <algorithm>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"

namespace elb::spec {
namespace {

// n values, each with its select line, one bit: a LUT6 takes three pairs and hands on to the next.
int64_t picked_luts(int64_t n) {
  return n <= 1 ? 0 : ceil_div(2 * n - 1, 5);
}

// Left, address and slots; the length of a burst where tiles do not consist of whole ones.
Resources asking_cost(const FetchParams& p) {
  const int64_t tile = beats_per_tile(p);
  const bool whole = tile % p.burst_beats == 0;
  const int still = whole ? bits_for(p.burst_beats) - 1 : 0;
  const int left = bits_for(tile) - still;
  const int address = std::max(1, std::min(beat_address_bits(p), bits_for(region_beats(p) - 1) + 1) - still);
  const int slots = bits_for(p.slots), size = burst_size_bits(p);
  Resources r = registers(1 + left + address + slots) + adder(left) + adder(address) + logic(slots + 2);
  if (!p.once) r += equals(address) + logic(address);
  if (!whole && p.burst_beats > 1) r += adder(size) + adder(left) + logic(size);
  return r;
}

}  // namespace

Resources cost(const WeightBufferShape& s) {
  const FetchParams& p = s.fetch;
  const int banks = beats_per_word(p);
  const int64_t words = std::min<int64_t>(words_per_beat(p), p.tile_words);
  const int64_t rows = ceil_div(p.tile_words, words) * p.slots;
  const int row_bits = rows > 1 ? bits_for(rows - 1) : 0;
  Resources r = asking_cost(p);
  r += loop_cost(banks) + loop_cost(rows) + logic(banks > 1 ? banks : 0);
  r += loop_cost(rows) + loop_cost(words) + loop_cost(p.slots) + registers(1);
  if (!p.once) r += registers(bits_for(p.slots)) + logic(bits_for(p.slots) + 1);
  // Rows at which a tile ends, and where the reader goes on.
  if (p.slots > 1) r += int64_t{2} * (p.slots - 1) * equals(row_bits) + logic(row_bits);
  if (words > 1) r += registers(bits_for(words - 1)) + multiplexer(words, p.word_bits);
  for (int b = 0; b < banks; ++b) {
    const int width = banks == 1 ? static_cast<int>(words) * p.word_bits
                                 : std::min(p.data_bits, p.word_bits - b * p.data_bits);
    r += ram({.width = width, .depth = rows},
             s.style == MemoryStyle::block ? s.style : MemoryStyle::distributed);
  }
  return r;
}

Resources cost(const MemoryPortParams& p) {
  const auto n = static_cast<int64_t>(p.clients.size());
  int index = 1, sizes = 1;
  for (const FetchParams& c : p.clients) {
    index = std::max(index, beat_address_bits(c));
    sizes = std::max(sizes, burst_size_bits(c));
  }
  const int page = p.address_bits - 12, place = 12 - bits_for(p.data_bits / 8 - 1),
            size = bits_for(p.burst_beats);
  const int under_way = bits_for(p.outstanding);
  // Beats: data, whose they are; bursts: address, length.
  Resources r = registers(p.data_bits + n + 2 * int64_t{page} + place + size);
  for (int bit = 0; bit < index && n > 1; ++bit) {
    int64_t have = 0;
    for (const FetchParams& c : p.clients) have += beat_address_bits(c) > bit ? 1 : 0;
    // Bits of a page are chosen in front of a carry chain.
    r += logic(std::max<int64_t>(1, picked_luts(have)) + (bit >= place && have > 2 ? 2 : 0));
  }
  r += adder(std::clamp(index - place, 0, page)) + logic(n > 1 ? 2 * sizes - 1 + picked_luts(n) : sizes);
  constexpr int kHandshakes = 14;
  r += registers(under_way + 3) + logic(kHandshakes);
  if (n == 1) return r;
  // Turns, and the ring of who asked.
  const int owner = bits_for(n - 1);
  r += registers(n - 1) + logic(n * (2 + owner) + owner * picked_luts(n));
  r += loop_cost(p.outstanding) + loop_cost(p.outstanding);
  const MemoryShape ring{.width = owner, .depth = p.outstanding};
  return r + (p.outstanding > 2 ? lut_ram(ring) : register_file(ring));
}

}  // namespace elb::spec
