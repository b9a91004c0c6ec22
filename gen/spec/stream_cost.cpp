// Streams: FIFOs, converters, the serialiser and the queues behind it.
#include <algorithm>
#include <bit>
#include <vector>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/table_cost.hpp"

namespace elb::spec {
Resources cost(const FifoParams& p) {
  const int word = p.data_bits + 1;
  if (p.depth == 1) return registers(word + 1) + logic(1);
  if (p.depth == 2) return registers(2 * int64_t{word} + 2) + logic(word + 3);
  // Pointers, count, valid and full.
  const int64_t places = ring_places(p);
  Resources r = loop_cost(places);
  r += p.style == MemoryStyle::block ? loop_cost(places) : registers(1) + loop_cost(places / 2);
  const int count = bits_for(p.depth);
  r += registers(count + 2) + adder(count) + equals(count) + equals(count) + logic(3);
  const MemoryShape ring{.width = word, .depth = places};
  switch (p.style) {
    case MemoryStyle::block:
      // The bypass: the word written last, a multiplexer, the read address ahead.
      return r + block_ram(ring) + registers(word + 1) + logic(word + bits_for(p.depth - 1) + 2);
    case MemoryStyle::ultra:
      break;  // no FIFO is
    case MemoryStyle::distributed:
      return r + lut_ram(ring);
    case MemoryStyle::logic:
      return r + register_file(ring);
  }
  return r;
}

Resources cost(const ForkParams& p) {
  Resources r = logic(ceil_div(static_cast<int64_t>(p.depths.size()), 2));
  for (const int depth : p.depths) r += cost(fifo(p.data_bits, depth));
  return r;
}

namespace {

constexpr int kFive = 5, kLutWords = 64;

bool all_differ(std::vector<int> values) {
  std::sort(values.begin(), values.end());
  return values.front() != kNoSource && std::adjacent_find(values.begin(), values.end()) == values.end();
}

// The choice of a word's bit, and at the pixel's end the other one.
int64_t word_luts(const RepackSources& s, int q, std::vector<int>& values) {
  values.clear();
  for (int w = 0; w < s.words; ++w) values.push_back(s.word(q, w));
  // Of five words, beside little else, yosys takes the fastest tree rather than the smallest.
  if (!s.repeats && s.words >= kFive && s.words <= kLutWords && all_differ(values))
    return s.words == kFive ? kFive - 1 : (multiplexer_tenths(s.words) + 5) / 10;
  const int64_t luts = chosen_luts(values);
  if (!s.repeats) return luts;
  const int last = s.last(q), chosen = distinct_values(values.data(), s.words);
  if (chosen == 1 && values.front() == last) return 0;
  values.push_back(last);
  const int constant = std::count(values.begin(), values.end(), kNoSource) > 0 ? 1 : 0;
  const int data = distinct_values(values.data(), s.words + 1) - constant;
  return data + (chosen > 1 ? bits_for(s.words - 1) : 0) + 1 <= kLutInputs ? 1 : luts + 1;
}

// What waits, for every in-th grain the same choice: values of the words, and whether words differ.
struct Waiting {
  bool waits = false, differ = false;
};
Waiting waiting_of(const RepackSources& s, int q) {
  Waiting r;
  int only = -1;
  for (int w = 0; w < s.words; ++w) {
    const int from = s.rest(q, w);
    if (from < 0) continue;
    r.differ = r.differ || (only >= 0 && from != only);
    r.waits = true;
    only = from;
  }
  return r;
}

// A write enable: the phase, any function of it, and that a beat is taken. Where it names one phase of many,
// its lower and its upper bits are decoded once.
int64_t enable_luts(int64_t enables, int phase_bits, bool one_phase) {
  constexpr int kDecoded = 4;
  if (phase_bits <= kDecoded) return enables;
  if (one_phase) return enables + (int64_t{1} << kDecoded) + (int64_t{1} << (phase_bits - kDecoded));
  return phase_bits < kLutInputs ? enables : enables * (1 + table_luts(phase_bits));
}

// A word ends with a step of a pixel: a register where more than three bits say so.
Resources word_ends(int64_t steps, int64_t phases) {
  const int phase_bits = phases == steps || phases == 1 ? 0 : bits_for(phases - 1);
  return registers(steps > 1 && bits_for(steps - 1) + phase_bits > 3 ? 1 : 0);
}

}  // namespace

Resources cost(const RepackParams& p) {
  const int beats = beats_per_pixel(p), words = words_per_pixel(p);
  const RepackSources s = repack_sources(p);
  if (repack_kind(p) == RepackKind::wires) {
    const int64_t masked = int64_t{p.columns} * (std::min(p.in_lanes, p.out_lanes) - s.last_lanes) * p.bits;
    return beats > 1 && masked > 0 ? loop_cost_with_last(beats) + logic(masked) : Resources{};
  }
  const int64_t grain_bits = int64_t{p.columns} * s.grain_lanes * p.bits;
  std::vector<int> values;
  int64_t luts = 0, waiting = 0, enables = 0;
  std::vector<bool> chosen(static_cast<size_t>(s.in), false);
  for (int q = 0; q < s.out; ++q) {
    luts += word_luts(s, q, values);
    const Waiting rest = waiting_of(s, q);
    bool other_beat = q == 0;
    for (int w = 0; w < s.words; ++w) other_beat = other_beat || (int64_t{w} * s.out + q) % s.in == 0;
    waiting += rest.waits ? 1 : 0;
    enables += rest.waits && other_beat ? 1 : 0;
    const bool shared = s.out > s.in;
    if (!rest.differ || (shared && chosen[static_cast<size_t>(q % s.in)])) continue;
    chosen[static_cast<size_t>(q % s.in)] = true;
    values.clear();
    for (int w = 0; w < s.words; ++w) {
      const int from = shared ? static_cast<int>((int64_t{w} * s.out + q) % s.in) : s.rest(q, w);
      if (from >= 0 || !values.empty()) values.push_back(from >= 0 ? from : values.back());
    }
    luts += chosen_luts(values);
  }
  Resources r = grain_bits * (logic(luts) + registers(waiting));
  if (repack_kind(p) == RepackKind::narrow) {
    const int phases = std::min(words, s.in);
    return r + loop_cost_with_last(words) + (phases < words ? loop_cost(phases) : Resources{}) +
           word_ends(words, phases) + logic(3);
  }
  const int phases = std::min(beats, s.out);
  r += loop_cost_with_last(beats) + (phases < beats ? loop_cost(phases) : Resources{});
  r += word_ends(beats, phases);
  r += logic(enable_luts(enables, phases > 1 ? bits_for(phases - 1) : 0, s.words == 1));
  r += logic(2);  // a beat is taken, a word leaves
  if (s.words > 1) r += loop_cost(s.words) + loop_cost(s.words);
  if (s.flushes) r += registers(p.last ? 2 : 1) + logic(2);
  return r;
}

Resources cost(const SplitColumnsParams& p) {
  const int64_t part_bits = int64_t{p.sub_columns} * p.link.channels * p.link.bits;
  Resources r = loop_cost(p.parts()) + multiplexer(p.parts(), part_bits) + logic(2);
  if (p.parts_in_last() < p.parts())
    r += loop_cost_with_last(p.link.channel_beats()) + loop_cost_with_last(p.link.column_groups());
  return r;
}

Resources cost(const SerializerParams& p) {
  const TileBeats& t = p.tile;
  const int beats = beats_per_tile(t);
  Resources r = registers(int64_t{t.m} * (t.p - t.l) * p.bits);
  // A lane of the last beat may have no kernel: then it has one beat less.
  for (int l = 0; l < t.l; ++l) {
    const int ways = static_cast<int>(ceil_div(t.p - l, t.l));
    r += t.m * (registers(p.bits) + word_choice(p.technology, ways, p.bits));
  }
  r += loop_cost(beats) + registers(1) + logic(1);
  if (beats_of_last(t) < beats) r += loop_cost(kernel_folds(t)) + equals(bits_for(beats - 1)) + logic(1);
  return p.swept ? r + registers(3) + logic(2) : r;
}

Resources cost(const OutputQueueParams& q) {
  Resources r = loop_cost_with_last(q.link.channel_beats()) +
                loop_cost_with_last(int64_t{q.link.h} * q.link.column_groups());
  return r + logic(1) + cost(fifo(q.link.data_bits(), q.depth));
}

// Against yosys 0.23, LUTs and flip-flops:
//
//   13 places of 4096 beats of 4 bits    estimate  123, 97     yosys  124, 98
//   13 of 1000, 22 bits                            143, 87            143, 88
Resources cost(const ReorderQueueParams& p) {
  const Link& link = p.link;
  const int64_t ring = ring_beats(p);
  const int bits = ring > 1 ? bits_for(ring - 1) : 0;
  Resources r = loop_cost_with_last(kernel_folds(p.tile)) + loop_cost_with_last(p.tile.groups) +
                loop_cost(beats_per_tile(p.tile));
  // Where the next beat is written: a step, round the ring, or back to the band's first place.
  if (link.channel_beats() > beats_per_tile(p.tile)) {
    r += registers(2 * int64_t{bits}) + logic(2 * int64_t{bits} + 3);
    if ((ring & (ring - 1)) != 0) r += logic(bits / 2);
  } else {
    r += loop_cost_with_last(ring);
  }
  r += ram({.width = link.data_bits(), .depth = ring}, ring_style(p));
  if (int64_t{link.h} * link.column_groups() * link.channel_beats() > 1) r += registers(1);  // the last beat
  // Complete places, fetching, free places of the FIFO.
  const int complete = bits_for(p.places), room = bits_for(p.depth);
  r += loop_cost_with_last(ring) + loop_cost_with_last(link.channel_beats()) +
       loop_cost_with_last(int64_t{link.h} * link.column_groups());
  r += registers(complete + room + 3) + logic(complete + room + 2) + equals(room);
  return r + cost(fifo(link.data_bits(), p.depth));
}

Resources cost(const std::vector<ConvertStep>& chain) {
  Resources r;
  for (const ConvertStep& step : chain) {
    r += cost(step.repack);
    const int data = step.repack.columns * step.repack.in_lanes * step.repack.bits;
    if (step.fifo_before > 0) r += cost(fifo(data, step.fifo_before));
  }
  return r;
}

}  // namespace elb::spec
