// Streams: FIFOs, converters, the output queue.
#include <algorithm>
#include <numeric>

#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"

namespace elb::spec {

Resources cost(const FifoParams& p) {
  const int word = p.data_bits + 1;
  if (p.depth == 1) return registers(word + 1) + logic(2);
  if (p.depth == 2) return registers(2 * int64_t{word} + 2) + logic(word + 4);
  // Pointers, count, valid and full.
  Resources r = loop_cost(p.depth) + loop_cost(p.depth);
  const int count = bits_for(p.depth);
  r += registers(count + 2) + adder(count) + equals(count) + equals(count) + logic(5);
  const MemoryShape ring{.width = word, .depth = p.depth};
  switch (p.style) {
    case MemoryStyle::block:
      // The bypass: the word written last, a multiplexer, the read address ahead.
      return r + block_ram(ring) + registers(word + 1) + logic(word + bits_for(p.depth - 1) + 2);
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

Resources cost(const RepackParams& p) {
  const int beats = beats_per_pixel(p), words = words_per_pixel(p);
  const int64_t in_bits = int64_t{p.columns} * p.in_lanes * p.bits;
  const int64_t out_bits = int64_t{p.columns} * p.out_lanes * p.bits;
  const bool ragged = int64_t{words} * p.out_lanes != p.channels;
  const Resources mask = ragged ? logic(out_bits / 2) : Resources{};
  const int grain = std::gcd(p.in_lanes, p.out_lanes);
  switch (repack_kind(p)) {
    case RepackKind::wires:
      return beats > 1 && ragged ? loop_cost(beats) + mask : Resources{};
    case RepackKind::widen: {
      const int phases = std::min(beats, p.out_lanes / grain);
      Resources r = loop_cost(beats) + (phases < beats ? loop_cost(phases) : Resources{}) + logic(4);
      // Lanes of the word wait in registers, each written in its phase; the word is what waits and the beat.
      const bool aligned = p.in_lanes == grain;
      r += registers(aligned ? std::max<int64_t>(0, out_bits - in_bits) : out_bits) + logic(phases);
      if (!aligned) r += logic(out_bits * (1 + mux_luts(phases)));
      if (has_flush(p)) r += registers(2) + logic(out_bits);
      return r + mask;
    }
    case RepackKind::narrow: {
      const int phases = std::min(words, p.in_lanes / grain);
      Resources r = loop_cost(words) + (phases < words ? loop_cost(phases) : Resources{}) + logic(4);
      r += multiplexer(phases, out_bits);
      if (p.out_lanes != grain)
        r += registers(int64_t{p.columns} * (p.out_lanes - grain) * p.bits) + multiplexer(phases, out_bits);
      return r + mask;
    }
  }
  return {};
}

Resources cost(const SplitColumnsParams& p) {
  const int64_t part_bits = int64_t{p.sub_columns} * p.link.channels * p.link.bits;
  Resources r = loop_cost(p.parts()) + multiplexer(p.parts(), part_bits) + logic(2);
  if (p.parts_in_last() < p.parts())
    r += loop_cost(p.link.channel_beats()) + loop_cost(p.link.column_groups());
  return r;
}

namespace {

// Beats 1 and on shift towards the output.
Resources serializer_cost(const OutputQueueParams& q) {
  const int64_t beat = q.link.data_bits();
  const int beats = beats_per_tile(q);
  if (beats == 1) return {};
  return registers((beats - 1) * beat + bits_for(beats - 1) + 1) +
         logic((beats - 2) * beat + beat + bits_for(beats - 1) + 3);
}

}  // namespace

Resources cost(const OutputQueueParams& q) {
  Resources r = loop_cost(kernel_folds(q)) + loop_cost(int64_t{q.link.h} * q.link.column_groups() * q.groups);
  return r + logic(1) + cost(fifo(q.link.data_bits(), q.depth)) + serializer_cost(q);
}

// Against yosys 0.23, LUTs and flip-flops:
//
//   8 places of 4096 beats of 4 bits     estimate  115, 85     yosys   95, 87
//   2 of 1000, 22 bits                             118, 67            107, 69
Resources cost(const ReorderQueueParams& p) {
  const OutputQueueParams& q = p.queue;
  const int64_t ring = ring_beats(p);
  const int bits = ring > 1 ? bits_for(ring - 1) : 0;
  Resources r = loop_cost(kernel_folds(q)) + loop_cost(q.groups) + serializer_cost(q);
  // Where the next beat is written: a step, round the ring, or back to the band's first place.
  if (q.link.channel_beats() > beats_per_tile(q)) {
    r += registers(2 * int64_t{bits}) + logic(2 * int64_t{bits} + 3);
    if ((ring & (ring - 1)) != 0) r += logic(bits);
  } else {
    r += loop_cost(ring);
  }
  r += ram({.width = q.link.data_bits(), .depth = ring}, ring_style(p));
  if (ring_style(p) != MemoryStyle::block) r += registers(q.link.data_bits());
  // Complete places, fetching, free places of the FIFO.
  const int complete = bits_for(p.places), room = bits_for(q.depth);
  r += loop_cost(ring) + loop_cost(q.link.channel_beats()) +
       loop_cost(int64_t{q.link.h} * q.link.column_groups());
  r += registers(complete + room + 2) + logic(complete + room + 2) + equals(complete) + equals(room);
  return r + cost(fifo(q.link.data_bits(), q.depth));
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
