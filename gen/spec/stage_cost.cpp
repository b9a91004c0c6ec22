// Window stores, weight memories, and the stages as sums of their parts.
#include <algorithm>
#include <cmath>
#include <set>

#include "spec/cost.hpp"
#include "spec/elementwise.hpp"
#include "spec/input_stage.hpp"
#include "spec/lanewise.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"

namespace elb::spec {
namespace {

// Sum modulo n: where n is a power of two, the sum; else also the reduced sum and the choice.
Resources modular_adder(int bits, int64_t n) {
  return logic((n & (n - 1)) == 0 ? bits : 2 * int64_t{bits});
}

// Positions in the ring are multiples of its stride: their low zeros are no hardware.
int position_bits(const WindowRing& ring) {
  int bits = bits_for(ring.words - 1);
  for (int64_t stride = ring.stride; stride % 2 == 0 && bits > 1; stride /= 2) --bits;
  return bits;
}
Resources position_plus_word(const WindowRing& ring, int pointer_bits) {
  return (ring.stride & (ring.stride - 1)) == 0 ? Resources{} : adder(pointer_bits);
}

Resources writer_cost(const WindowParams& w, const WindowRing& ring) {
  const int pointer_bits = position_bits(ring), count_bits = group_count_bits(w);
  const int words = words_per_group(w), sets = banks(w) / sub_columns(w);
  Resources r = loop_cost_with_last(sub_beats(w)) + loop_cost_with_last(words) + loop_cost(sets);
  // Rows are told apart where their ends are special.
  const int64_t beats = ceil_div(w.w, w.in_columns);
  if (sets > 1 || beats * w.in_columns > int64_t{groups_per_row(w)} * banks(w))
    r += loop_cost_with_last(beats);
  // What is written beyond the room, and whether there is room; the ring position of the group.
  r += registers(count_bits + 1) + adder(count_bits + 1) + logic(2);
  r += registers(pointer_bits) + modular_adder(pointer_bits, ring.words);
  r += position_plus_word(ring, bits_for(ring.words - 1));
  if (words > 1 && sub_beats(w) > 1)
    r += registers(bits_for(sub_beats(w)) + pointer_bits) + logic(count_bits + pointer_bits);
  return r;
}

// What sweeps add to a reader: the loop of a band or pass, the places to go back to, flags.
Resources sweep_cost(const WindowStoreShape& p, int count_bits, int pointer_bits) {
  const WindowParams& w = p.window;
  const SweepParams& sweep = *p.sweep;
  const int64_t sweeps = int64_t{p.kernel_folds} * w.groups;
  Resources r = registers(2) + logic(3);  // the first sweep, its first tile
  if (sweep.frames > 0) {
    const int64_t most = std::min(sweep.frames, w.capacity);
    const int bits = most > 1 ? bits_for(most - 1) : 0;
    // The pass under way, its length out of what is stored.
    r += loop_cost(most) + registers(bits) + equals(2 * bits) + logic(bits);
    if (most > 1) r += registers(1) + adder(w.capacity > most ? count_bits / 2 : 0);
    return most > 1 && sweeps > 1 ? r + registers(pointer_bits) + logic(pointer_bits) : r;
  }
  if (sweep.rows < w.out_h) r += loop_cost(sweep.rows);
  if (sweeps == 1) return r;
  if (sweep.rows > 1) r += registers(bits_for(w.out_h - 1)) + logic(bits_for(w.out_h - 1));
  if (sweep.rows > 1 || output_groups_per_row(w) > 1) r += registers(pointer_bits) + logic(pointer_bits);
  return r;
}

Resources reader_cost(const WindowStoreShape& p, const WindowRing& ring) {
  const WindowParams& w = p.window;
  const int pointer_bits = position_bits(ring), count_bits = group_count_bits(w);
  const int words = words_per_group(w), f = folds(w);
  Resources r;
  for (const int64_t n : {int64_t{w.kw}, int64_t{w.kh}, int64_t{f / taps(w)}, int64_t{p.kernel_folds},
                          int64_t{w.groups}, int64_t{output_groups_per_row(w)}}) {
    r += loop_cost_with_last(n);
  }
  r += p.sweep ? loop_cost(w.out_h) : loop_cost_with_last(w.out_h);
  r += registers((w.kw > 1) + (w.kh > 1) + (f > taps(w)) > 1 ? 1 : 0);
  if (p.tile_cycles > f) r += loop_cost(p.tile_cycles - f + 1) + registers(1);
  // What is stored beyond need; what is released in two cycles, few bits of which ever change.
  r += registers(count_bits + 1) + adder(count_bits + 1);
  constexpr int kReleaseBits = 3;
  r += WindowTiming::kReleaseDelay * registers(kReleaseBits) + registers(1) + logic(2 * kReleaseBits);
  // The steps to the next place, computed while this one lasts.
  if (int64_t{p.tile_cycles} * (p.sweep ? 1 : p.kernel_folds * w.groups) > 1)
    r += registers(1 + kReleaseBits + pointer_bits);
  const int credit_bits = bits_for(p.sweep ? p.sweep->places : p.credits);
  if (p.sweep) r += sweep_cost(p, count_bits, pointer_bits);
  r += registers(credit_bits + 1) + logic(2 * int64_t{credit_bits} + 1);
  // Place and row pointer in the ring.
  r += registers(pointer_bits) + modular_adder(pointer_bits, ring.words);
  if (w.kh > 1) r += registers(pointer_bits) + modular_adder(pointer_bits, ring.words);
  if (words > 1 && w.groups > 1)
    r += registers(2 * int64_t{bits_for(words - 1)}) + logic(2 * int64_t{bits_for(words - 1)});
  return r;
}

// Bits of a shallow ROM's word that differ: equal ones share LUT and register. Of 2^depth functions of the
// address, as many as so many random bits hit.
int different_bits(MemoryShape m) {
  constexpr int64_t kAllDiffer = 24;
  if (m.depth >= kAllDiffer) return m.width;
  const double functions = std::exp2(static_cast<double>(m.depth));
  return static_cast<int>(std::lround(functions * -std::expm1(-m.width / functions)));
}

Resources output_fifo(const Link& out, int depth) {
  return cost(fifo(out.data_bits(), depth));
}

Resources weights_cost(const ComputeStage& s) {
  if (s.fetch) return cost(WeightBufferShape{.fetch = *s.fetch, .style = s.weight_style});
  return cost(WeightMemoryShape{.width = s.compute.weight_word_bits(),
                                .depth = int64_t{s.tiles()} * s.compute.folds,
                                .style = s.weight_style});
}

Resources weights_cost(const LanewiseStage& s) {
  if (s.op != LaneOp::multiply) return {};
  const WindowParams& w = s.window;
  return cost(WeightMemoryShape{
      .width = w.s * s.weight_bits, .depth = ceil_div(w.channels, w.s) * taps(w), .style = s.weight_style});
}

}  // namespace

Resources feed_cost(const Link& in, bool flatten, const WindowParams& window) {
  const Feed f = make_feed(in, flatten, window);
  Resources r = cost(f.repacks);
  if (f.mask) {
    r += loop_cost_with_last(in.column_groups()) + loop_cost_with_last(in.channel_beats());
    r += logic(in.data_bits() / 2);
  }
  const int bits = f.columns * window.s * in.bits;
  if (f.fifo_before_split > 0) r += cost(fifo(bits, f.fifo_before_split));
  if (f.columns != f.sub_columns) {
    const Link words{.h = in.h,
                     .w = in.w,
                     .c = words_per_group(window) * window.s,
                     .columns = f.columns,
                     .channels = window.s,
                     .bits = in.bits};
    r += cost(SplitColumnsParams{.link = words, .sub_columns = f.sub_columns});
  }
  return r;
}

Resources cost(const WindowStoreShape& p) {
  const WindowParams& w = p.window;
  const WindowRing ring = window_ring(w);
  const int word_bits = w.s * w.bits, pointer_bits = bits_for(ring.words - 1);
  Resources r = writer_cost(w, ring) + reader_cost(p, ring);
  // Per bank: pointer plus offset, reduced, plus the word.
  Resources bank = ram({.width = word_bits, .depth = ring.words}, p.style);
  const int position = position_bits(ring);
  const bool wraps = (ring.words & (ring.words - 1)) != 0;
  bank += registers(position + (wraps ? 1 : 0) + pointer_bits) + (w.kw > 1 ? adder(position) : Resources{});
  if (wraps) bank += modular_adder(position, ring.words);
  bank += position_plus_word(ring, pointer_bits);
  r += int64_t{banks(w)} * bank;
  // Per lane: one of the banks, the pad code outside of the map.
  Resources lane = registers(word_bits) + multiplexer(std::min(w.kw, banks(w)), word_bits);
  // Padding is the register's reset.
  if (pads(w)) lane += registers(1) + logic(1 + 2 * bits_for(output_groups_per_row(w)) / 3);
  r += int64_t{w.m} * lane;
  if (pads(w)) r += registers(1) + logic(1 + 2 * bits_for(w.out_h) / 3);
  return r + registers(4) + (folds(w) > 1 ? delay(1, 4) + delay(1, 4) : Resources{});
}

Resources cost(const WeightMemoryShape& p) {
  const MemoryShape whole{.width = p.width, .depth = p.depth};
  // With the block RAM's output register, which yosys leaves outside.
  if (p.style == MemoryStyle::block)
    return loop_cost_with_last(p.depth) + rom(whole, p.style) + registers(p.width);
  return loop_cost_with_last(p.depth) + rom({.width = different_bits(whole), .depth = p.depth}, p.style);
}

Resources cost(const InputStage& s) {
  Resources r = cost(fifo(s.out.lanes() * 8, InputTiming::kSliceDepth)) + output_fifo(s.out, s.fifo_depth);
  r += loop_cost(s.out.channel_beats()) + loop_cost_with_last(s.out.beats_per_frame()) + registers(1) +
       logic(3);
  // A table of 256 codes is wires where codes are bits of the pixel: then its values are a shift of it.
  bool wires = s.tables.size() == 1 || s.out.channel_beats() == 1;
  for (const std::vector<int>& t : s.tables) {
    const int shift = 8 - s.out.bits;
    for (size_t x = 0; x < t.size() && shift >= 0; ++x) wires = wires && t[x] == static_cast<int>(x) >> shift;
  }
  if (wires) return r;
  const int beats = s.tables.size() == 1 ? 1 : s.out.channel_beats();
  return r + int64_t{s.out.lanes()} * lut_rom({.width = s.out.bits, .depth = int64_t{256} * beats});
}

Resources cost(const ComputeStage& s) {
  return feed_cost(s.in, s.flatten, s.window) + cost_behind_feed(s);
}

Resources cost_behind_feed(const ComputeStage& s) {
  return cost_beside_array(s) + cost(s.compute) + cost(s.activation);
}

Resources cost_beside_array(const ComputeStage& s) {
  const TileBeats tile = tile_beats(s);
  Resources r = cost(WindowStoreShape{.window = s.window,
                                      .kernel_folds = s.kernel_folds(),
                                      .tile_cycles = s.tile_cycles,
                                      .credits = s.fifo_depth,
                                      .sweep = s.sweep,
                                      .style = s.store});
  r += weights_cost(s);
  if (beats_per_tile(tile) > 1) r += cost(serializer(s));
  if (!s.sweep) return r + cost(OutputQueueParams{.link = s.out, .depth = s.fifo_depth});
  // Under sweeps the activation goes back to the place's first beat.
  if (beats_per_tile(tile) > 1) {
    const int bits = bits_for(s.activation.tiles - 1);
    r += registers(bits) + logic(bits + 1);
  }
  // The end of a sweep travels beside its last tile.
  return r + delay(1, 1 + latency(s.compute)) + delay(1, latency(s.activation)) +
         cost(ReorderQueueParams{
             .tile = tile, .link = s.out, .depth = s.fifo_depth, .places = s.sweep->places});
}

Resources cost(const LanewiseStage& s) {
  return feed_cost(s.in, false, s.window) + cost_behind_feed(s);
}

Resources cost_behind_feed(const LanewiseStage& s) {
  const WindowParams lanes = lane_window(s.window);
  Resources r = cost(WindowStoreShape{.window = lanes,
                                      .kernel_folds = 1,
                                      .tile_cycles = s.tile_cycles,
                                      .credits = s.fifo_depth,
                                      .style = s.store});
  r += weights_cost(s) + cost(lane_reduce_params(s)) +
       cost(OutputQueueParams{.link = s.out, .depth = s.fifo_depth});
  return s.activation ? r + cost(*s.activation) : r;
}

Resources cost(const ElementwiseStage& s) {
  Resources r = cost(sum_params(s)) + cost(s.activation);
  for (const ElementwiseStage::Operand& o : s.in) {
    Link to = s.out;
    to.bits = o.link.bits;
    to.is_signed = o.link.is_signed;
    r += cost(convert_chain(o.link, to));
  }
  const int credits = bits_for(s.fifo_depth);
  r += registers(credits + 1) + logic(2 * int64_t{credits} + 3);
  return r + loop_cost(s.out.beats_per_frame()) + output_fifo(s.out, s.fifo_depth);
}

Resources cost(const ConcatStage& s) {
  Resources r = loop_cost(s.out.channel_beats()) + output_fifo(s.out, s.fifo_depth);
  for (const Link& in : s.in) {
    Link to = in;
    to.columns = s.out.columns;
    to.channels = s.out.channels;
    r += cost(convert_chain(in, to));
  }
  return r + multiplexer(static_cast<int64_t>(s.in.size()), s.out.data_bits() + 2) +
         logic(static_cast<int64_t>(s.in.size()));
}

Resources cost(const RankStage& s) {
  Link whole = s.out;
  whole.channels = s.k;
  Resources r = cost(RankParams{.values = int64_t{s.in.h} * s.in.w * s.in.c,
                                .lanes = s.in.channels,
                                .bits = s.in.bits,
                                .is_signed = s.in.is_signed,
                                .k = s.k});
  return r + cost(convert_chain(whole, s.out)) + output_fifo(s.out, s.fifo_depth);
}

Resources cost(const ConvertStage& s) {
  return cost(convert_chain(s.in, s.out)) + output_fifo(s.out, s.fifo_depth);
}

Resources cost(const StageSpec& s) {
  return std::visit([](const auto& stage) { return cost(stage); }, s);
}

}  // namespace elb::spec
