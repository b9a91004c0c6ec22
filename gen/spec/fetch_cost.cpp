// Weights from memory. Against yosys 0.23 (tools/synth, xc7), LUTs and flip-flops:
//
//   buffer  D=512 W=495 F=125, 2 slots    estimate   83, 62      yosys   75, 62
//           D=512 W=168 F=586, 2 slots              258, 69             260, 71
//           D=512 W=990 F=28, 2 slots, LUTRAM      1401, 1048          1395, 1048
//           D=64 W=40 F=5, 2 slots, LUTRAM           73, 74              72, 74
//           D=64 W=8 F=9, once, LUTRAM               85, 96              87, 96
//   port    1 stage, D=64, a page                     8, 112              8, 112
//           3 stages, D=512                          78, 589             77, 589
//           8 stages, D=512                         173, 604            177, 604
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

// Bursts behind, address and slots; where tiles do not consist of whole bursts, the length of one and where a
// tile ends.
Resources asking_cost(const FetchParams& p) {
  const int64_t tile = beats_per_tile(p);
  const bool whole = tile % p.burst_beats == 0;
  const int place = bits_for(p.burst_beats) - 1;
  const int behind = bits_for((tile - 1 + (whole ? 0 : p.burst_beats - 1)) >> place);
  const int address = std::max(1, beat_address_bits(p) - (whole ? place : 0));
  const int slots = bits_for(p.slots);
  Resources r = registers(2 + behind + address + slots) + adder(address);
  if (!p.once) r += registers(1) + 2 * equals(address) + logic(7);
  if (whole) return r + adder(3 * int64_t{behind} - (p.once ? 6 : 8));
  constexpr int kChained = 3;  // a difference of so many bits is a carry chain
  const int length = burst_length_bits(p);
  r += registers(2 * int64_t{place} + length) + adder(behind + int64_t{place} + length);
  r += logic(p.once ? -2 : -4);
  if (length >= kChained) r += logic(5);
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
  // A count of words that ends early in the last row: of eight inputs a bit is four LUTs with MUXF7 and
  // MUXF8.
  constexpr int kEightInputs = 7;  // and the sum
  const int word_bits = words > 1 ? bits_for(words - 1) : 0;
  if (p.slots == 1 && p.tile_words % words != 0 && word_bits + row_bits == kEightInputs)
    r += logic(3 * (word_bits + 1));
  if (!p.once) r += registers(bits_for(p.slots)) + logic(bits_for(p.slots) + 1);
  // Rows at which a tile ends, and where the reader goes on.
  if (p.slots > 1) r += int64_t{2} * (p.slots - 1) * equals(row_bits) + logic(row_bits);
  if (words > 1)
    r +=
        registers(word_bits + p.word_bits + (p.once ? 0 : 1)) + word_choice(s.technology, words, p.word_bits);
  for (int b = 0; b < banks; ++b) {
    const int width = banks == 1 ? static_cast<int>(words) * p.word_bits
                                 : std::min(p.data_bits, p.word_bits - b * p.data_bits);
    r += ram({.width = width, .depth = rows},
             s.style == MemoryStyle::logic ? MemoryStyle::distributed : s.style);
  }
  return r;
}

Resources cost(const MemoryPortParams& p) {
  const auto n = static_cast<int64_t>(p.clients.size());
  int index = 1, sizes = 1;
  for (const FetchParams& c : p.clients) {
    index = std::max(index, beat_address_bits(c));
    sizes = std::max(sizes, burst_length_bits(c));
  }
  const int page = p.address_bits - 12, place = 12 - bits_for(p.data_bits / 8 - 1);
  const int under_way = bits_for(p.outstanding);
  // Up to three pairs of a client's bit and its select line are one LUT.
  constexpr int64_t kOneLut = 3;
  const bool few = n <= kOneLut;
  // Beats: data, whose they are; bursts: address, length, of which bits that no client has never change.
  Resources r = registers(p.data_bits + n + 2 * int64_t{page} + std::min(place, index) + sizes);
  for (int bit = 0; bit < index; ++bit) {
    int64_t have = 0;
    for (const FetchParams& c : p.clients) have += beat_address_bits(c) > bit ? 1 : 0;
    // Bits of a page are chosen in front of a carry chain.
    const int64_t in_front = bit < place || have < kOneLut ? 0 : have == kOneLut ? 1 : 2;
    r += logic(std::max<int64_t>(1, picked_luts(have)) + in_front);
  }
  r += adder(std::clamp(index - place, 0, page)) + logic(few ? sizes : 2 * sizes - 1 + picked_luts(n));
  // A grant, what is under way, the address's valid, an error.
  r += registers(under_way + 4) + logic(few ? under_way + 4 + (under_way > 2 ? 1 : 0) : 14);
  if (n == 1) return r + logic(1);
  // Turns, and the ring of who asked.
  const int owner = bits_for(n - 1);
  r += registers(2 * n - 1) + logic(few ? 4 * n : n * (2 + owner) + owner * picked_luts(n));
  r += loop_cost(p.outstanding) + loop_cost(p.outstanding);
  const MemoryShape ring{.width = owner, .depth = p.outstanding};
  if (p.outstanding == 1) return r + register_file(ring);
  // With the read address that comes next (spec/stream_cost).
  r += registers(bits_for(p.outstanding - 1));
  return r + (p.outstanding > 2 ? lut_ram(ring) : register_file(ring));
}

}  // namespace elb::spec
