// Weight memories, feeds, and the stages as sums of their parts.
#include <algorithm>
#include <cmath>
#include <set>

#include "spec/cost.hpp"
#include "spec/elementwise.hpp"
#include "spec/input_stage.hpp"
#include "spec/lanewise.hpp"
#include "spec/logic_cost.hpp"
#include "spec/memory_cost.hpp"
#include "spec/table_cost.hpp"

namespace elb::spec {
namespace {

// Of so many bits of a shallow ROM's word, those that differ: equal ones share LUT and register. Of
// 2^(words that are not 0) functions of the address, as many as so many random bits hit, less those that cost
// nothing.
int different_bits(int width, int64_t words, int free) {
  constexpr int64_t kAllDiffer = 24;
  if (words >= kAllDiffer || width == 0) return width;
  const double functions = std::exp2(static_cast<double>(words));
  return static_cast<int>(std::lround(std::max(0.0, functions - free) * -std::expm1(-width / functions)));
}

// Of so many bits of a shallow ROM's word, those that are not the same in all of its words: `words` of them
// are random, and the others, where there are, 0.
int varying_bits(int width, int64_t words, bool others) {
  const double same = std::exp2(-static_cast<double>(words)) * (others ? 1 : 2);
  return static_cast<int>(std::lround(width * std::max(0.0, 1 - same)));
}

Resources output_fifo(const Link& out, int depth) {
  return cost(fifo(out.data_bits(), depth));
}

Resources weights_cost(const ComputeStage& s) {
  if (s.fetch)
    return cost(
        WeightBufferShape{.fetch = *s.fetch, .style = s.weight_style, .technology = s.compute.technology});
  // The last fold of a tile has taps for the channels that are left.
  const WindowParams& w = s.window;
  const int width = s.compute.weight_word_bits(), tail = w.channels % w.s;
  const int last = s.kernels % s.compute.p;  // kernels of the last tile, where it has fewer
  const int absent = last == 0 || w.groups > 1 ? 0 : width / s.compute.p * (s.compute.p - last);
  return cost(WeightMemoryShape{.width = width,
                                .depth = int64_t{s.tiles()} * s.compute.folds,
                                .style = s.weight_style,
                                .ragged = tail == 0 ? 0 : width / w.s * (w.s - tail),
                                .ragged_of = ceil_div(w.channels, w.s),
                                .absent = absent,
                                .absent_words = s.compute.folds});
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

WindowStoreShape window_store(const ComputeStage& s) {
  return {.window = s.window,
          .kernel_folds = s.kernel_folds(),
          .tile_cycles = s.tile_cycles,
          .credits = s.fifo_depth,
          .sweep = s.sweep,
          .style = s.store};
}

Resources cost(const WeightMemoryShape& p) {
  if (p.depth == 1) return {};  // constants
  if (rom_in_block_ram({.width = p.width, .depth = p.depth}, p.style)) {
    // Bits that are constant are not kept.
    const int64_t full = p.ragged > 0 ? p.depth - p.depth / p.ragged_of : p.depth;
    const int width =
        varying_bits(p.width - p.ragged, p.depth, false) + varying_bits(p.ragged, full, full < p.depth);
    // With the block RAM's output register, which yosys leaves outside.
    return loop_cost_with_last(p.depth) + rom({.width = std::max(1, width), .depth = p.depth}, p.style) +
           registers(width);
  }
  // Equal bits share LUT and register, opposite ones the LUT. A last word alone in its half sets or resets
  // registers.
  const bool alone = p.depth > 2 && ((p.depth - 1) & (p.depth - 2)) == 0 && p.absent == 0;
  const int64_t words = alone ? p.depth - 1 : p.depth;
  // Bits by what they are not in: a ragged word, the last tile. What the last tile does not have resets
  // registers.
  const int both = static_cast<int>(int64_t{p.ragged} * p.absent / p.width);
  const auto kind = [&](int bits, bool ragged, bool absent) {
    const auto filled = [&](int64_t all) {
      const int64_t tiles = absent ? all - p.absent_words : all;
      return ragged ? tiles - tiles / p.ragged_of : tiles;
    };
    // A constant is no function of the address, a wire no LUT. Zeros in some words leave no opposite bits.
    const int64_t depth = absent ? words - p.absent_words : words;
    const int opposite = ragged ? 0 : 1, wires = depth > 1 ? bits_for(depth - 1) : 0;
    Resources r =
        rom({.width = different_bits(bits, filled(words) - opposite, 1 + wires), .depth = depth}, p.style);
    r.ff = different_bits(bits, filled(p.depth), ragged || absent ? 1 : 2);
    return r;
  };
  Resources r = kind(p.width - p.ragged - p.absent + both, false, false);
  r += kind(p.ragged - both, true, false) + kind(p.absent - both, false, true) + kind(both, true, true);
  return r + loop_cost_with_last(p.depth);
}

namespace {

// A stage as its parts: add(instance, cost), the instance being what the stage's module calls it, "" what
// stands in that module or between the link and the first part.
template <class Add>
void add_parts(const InputStage& s, Add add) {
  add("u_slice", cost(fifo(s.out.lanes() * 8, InputTiming::kSliceDepth)));
  add("u_fifo", output_fifo(s.out, s.fifo_depth));
  Resources r = loop_cost(s.out.channel_beats()) + loop_cost_with_last(s.out.beats_per_frame()) +
                registers(1) + logic(3);
  // Lanes of the same pixel share nothing, channels that take turns share a table.
  const int beats = s.tables.size() == 1 ? 1 : s.out.channel_beats();
  for (int lane = 0; lane < s.out.channels; ++lane) {
    std::vector<int64_t> table;
    for (int beat = 0; beat < beats; ++beat) {
      const size_t channel = static_cast<size_t>(beat * s.out.channels + lane);
      const std::vector<int>& codes = s.tables[channel < s.tables.size() ? channel : 0];
      table.insert(table.end(), codes.begin(), codes.end());
    }
    int64_t luts = 0;
    for (const std::vector<bool>& column : distinct_columns(table, s.out.bits)) luts += column_luts(column);
    r += logic(s.out.columns * luts);
  }
  add("", r);
}

// What a count of tiles that goes back to its place's first beat takes more than one that does not: the first
// tile, those behind it and behind the present one.
Resources swept_tiles_cost(int tiles) {
  const int bits = bits_for(tiles - 1);
  const bool wraps = tile_count_wraps(tiles);
  // The choice behind a count that ends, of so many inputs that two of four LUTs are one of eight.
  constexpr int kEightInputs = 3;
  const int64_t choice = wraps                  ? (bits < kEightInputs  ? bits + 1
                                                   : tiles > kManyTiles ? bits
                                                                        : 0)
                         : bits < kEightInputs  ? 2
                         : bits == kEightInputs ? int64_t{4} * bits
                                                : bits;
  const int64_t count = tile_table_in_rom(tiles) ? 2 * bits + (keeps_tile_end(tiles) ? 2 : 0) : 3 * bits + 1;
  return registers(count) + logic(bits + 1 + choice);
}

// Neither array nor activation.
template <class Add>
void add_parts_beside_array(const ComputeStage& s, Add add) {
  const TileBeats tile = tile_beats(s);
  const bool serial = beats_per_tile(tile) > 1;
  add("u_window", cost(window_store(s)));
  add(s.fetch ? "u_weights" : "", weights_cost(s));
  if (serial) add("u_serialize", cost(serializer(s)));
  if (!s.sweep) return add("u_queue", cost(OutputQueueParams{.link = s.out, .depth = s.fifo_depth}));
  // Under sweeps an activation whose constants vary goes back to the place's first beat.
  const std::vector<ChannelConstants>& constants = s.activation.constants;
  const auto lanes = static_cast<size_t>(s.activation.p);
  bool alike = !constants.empty();
  for (size_t i = lanes; i < constants.size() && alike; ++i) alike = constants[i] == constants[i - lanes];
  if (serial && !alike) add("u_activation", swept_tiles_cost(s.activation.tiles));
  // The end of a sweep travels beside its last tile.
  add("", delay(1, 1 + latency(s.compute)) + delay(1, latency(s.activation)));
  add("u_queue", cost(reorder_queue(s)));
}

template <class Add>
void add_parts_behind_feed(const ComputeStage& s, Add add) {
  add_parts_beside_array(s, add);
  add("u_array", cost(s.compute));
  add("u_activation", cost(s.activation));
  if (!s.preset) return;
  add("u_presets", cost(*s.preset));
  if (s.preset->tiles > 1 && s.sweep) add("", registers(dot_latency(s.compute)));
}

template <class Add>
void add_parts_behind_feed(const LanewiseStage& s, Add add) {
  add("u_window", cost(WindowStoreShape{.window = lane_window(s.window),
                                        .kernel_folds = 1,
                                        .tile_cycles = s.tile_cycles,
                                        .credits = s.fifo_depth,
                                        .style = s.store}));
  add("", weights_cost(s));
  add("u_reduce", cost(lane_reduce_params(s)));
  if (s.activation) add("u_activation", cost(*s.activation));
  add("u_queue", cost(OutputQueueParams{.link = s.out, .depth = s.fifo_depth}));
}

template <class Add>
void add_parts(const ComputeStage& s, Add add) {
  add("", feed_cost(s.in, s.flatten, s.window));
  add_parts_behind_feed(s, add);
}

template <class Add>
void add_parts(const LanewiseStage& s, Add add) {
  add("", feed_cost(s.in, false, s.window));
  add_parts_behind_feed(s, add);
}

template <class Add>
void add_parts(const ElementwiseStage& s, Add add) {
  for (const ElementwiseStage::Operand& o : s.in) {
    Link to = s.out;
    to.bits = o.link.bits;
    to.is_signed = o.link.is_signed;
    add("", cost(operand_chain(o.link, to)) + kMeet * registers(to.data_bits()));
  }
  add("", kMeet * registers(1));
  const int credits = bits_for(s.fifo_depth);
  add("", registers(credits + 1) + logic(credits + 2));
  add("u_sum", cost(sum_params(s)));
  add("u_activation", cost(s.activation));
  add("u_queue", loop_cost(s.out.beats_per_frame()) + output_fifo(s.out, s.fifo_depth));
}

template <class Add>
void add_parts(const ConcatStage& s, Add add) {
  Resources r = loop_cost(s.out.channel_beats());
  for (const Link& in : s.in) {
    Link to = in;
    to.columns = s.out.columns;
    to.channels = s.out.channels;
    r += cost(operand_chain(in, to));
  }
  add("", r + multiplexer(static_cast<int64_t>(s.in.size()), s.out.data_bits() + 2) +
              logic(static_cast<int64_t>(s.in.size())));
  add("u_fifo", output_fifo(s.out, s.fifo_depth));
}

template <class Add>
void add_parts(const RankStage& s, Add add) {
  Link whole = s.out;
  whole.channels = s.k;
  add("u_rank", cost(RankParams{.values = int64_t{s.in.h} * s.in.w * s.in.c,
                                .lanes = s.in.channels,
                                .bits = s.in.bits,
                                .is_signed = s.in.is_signed,
                                .k = s.k}));
  add("", cost(convert_chain(whole, s.out)));
  add("u_fifo", output_fifo(s.out, s.fifo_depth));
}

template <class Add>
void add_parts(const ConvertStage& s, Add add) {
  add("", cost(convert_chain(s.in, s.out)));
  add("u_fifo", output_fifo(s.out, s.fifo_depth));
}

struct Sum {
  Resources* total;
  void operator()(const char*, const Resources& r) const { *total += r; }
};

}  // namespace

Resources cost_beside_array(const ComputeStage& s) {
  Resources r;
  add_parts_beside_array(s, Sum{&r});
  return r;
}

Resources cost_behind_feed(const LanewiseStage& s) {
  Resources r;
  add_parts_behind_feed(s, Sum{&r});
  return r;
}

Resources cost(const StageSpec& s) {
  Resources r;
  std::visit([&](const auto& stage) { add_parts(stage, Sum{&r}); }, s);
  return r;
}

std::map<std::string, Resources> cost_parts(const StageSpec& s) {
  std::map<std::string, Resources> parts;
  const auto add = [&](const char* instance, const Resources& r) { parts[instance] += r; };
  std::visit([&](const auto& stage) { add_parts(stage, add); }, s);
  return parts;
}

}  // namespace elb::spec
