#include "arch/option_cost.hpp"

#include <algorithm>

#include "arch/buffers.hpp"
#include "arch/stage_specs.hpp"
#include "arch/sweep_buffers.hpp"
#include "spec/cost.hpp"
#include "spec/lanewise.hpp"

namespace elb::arch {

void OptionCost::set_factors(const Factors& f) {
  factors_ = f;
  compute_ = array_params(shape_, f, shape_.dsp.value_or(spec::kAllDsp));
  array_ = spec::cost(compute_);
  array_amounts_ = amounts(array_);
}

void OptionCost::set_activation(Activation a) {
  activation_ = activation(
      a, factors_, shape_.work.window.groups * spec::beats_of_group(tile_beats(shape_.work, factors_)));
  array_and_activation_ = array_ + spec::cost(activation_);
}

Amounts OptionCost::of(const Option& o) {
  if (shape_.work.lanewise) return amounts(lanewise(o));
  return amounts(compute(o), o.weights == Residence::stream ? sweeps(o).beats : 0);
}

OptionCost::Sweeps OptionCost::sweeps(const Option& o) const {
  const spec::WindowParams w = with_factors(shape_.work, o.f);
  const spec::FetchParams fetch = this->fetch(o);
  const bool fc = shape_.op == nn::Op::fc;
  // Places under one sweep, and how often a frame reads the weights; fc: a frame is a place.
  const int64_t places = fc ? o.b : int64_t{o.band_rows} * spec::output_groups_per_row(w);
  const int64_t reads = fc ? 1 : ceil_div(w.out_h, o.band_rows), frames = fc ? o.b : 1;
  // A slot is swept, then filled again: with all slots in turn a tile takes no less than this.
  const int64_t sweep = places * tile_cycles(shape_.work, o.f);
  const int64_t fill = memory_->timing.latency +
                       spec::beats_per_tile(fetch) * memory_->timing.cycles / memory_->timing.beats + 8;
  const int64_t per_tile = ceil_div(sweep + fill, o.weight_slots);
  return {.cycles = ceil_div(fetch.tiles * per_tile * reads, frames),
          .beats = ceil_div(spec::region_beats(fetch) * reads, frames)};
}

spec::FetchParams OptionCost::fetch(const Option& o) const {
  const spec::WindowParams w = with_factors(shape_.work, o.f);
  const int64_t tiles = int64_t{w.groups} * ceil_div(shape_.work.kernels, o.f.p);
  const bool once = o.weights != Residence::stream;
  return {.data_bits = memory_->data_bits,
          .word_bits = o.f.p * o.f.s * shape_.weight_bits,
          .tile_words = spec::folds(w) * (once ? tiles : 1),
          .tiles = once ? 1 : tiles,
          .slots = once ? 1 : o.weight_slots,
          .once = once,
          .burst_beats = memory_->burst_beats};
}

spec::ActivationParams OptionCost::activation(Activation kind, const Factors& f, int tiles) const {
  return {.technology = shape_.technology,
          .kind = kind == Activation::affine ? spec::ActivationKind::affine
                  : kind == Activation::raw  ? spec::ActivationKind::raw
                                             : spec::ActivationKind::threshold,
          .p = beat_channels(shape_.work, f),
          .m = f.m,
          .tiles = tiles,
          .in_bits = shape_.acc_bits,
          .in_signed = shape_.acc_signed,
          .out_bits = shape_.out_bits,
          .steps = std::max(1, shape_.steps)};
}

// Of a store with factors; depends on m alone.
int OptionCost::capacity(const spec::WindowParams& w, int64_t cycles) {
  int& known = capacity_[w.m];
  if (known == 0) known = window_capacity(w, w.in_columns, 0, std::max<int64_t>(cycles, 1) * 64);
  return known;
}

// Of the store of a stage with streamed weights; depends on m, the rows of a band and frames of a pass.
int OptionCost::capacity(const Stage& stage, int64_t cycles) {
  int& known = sweep_capacity_[{stage.m, stage.band_rows, stage.b}];
  if (known == 0) known = sweep_capacity(stage, std::max<int64_t>(cycles, 1) * 64);
  return known;
}

// The array and the activation are those that were set.
spec::Resources OptionCost::compute(const Option& o) {
  spec::ComputeStage s;
  s.out = link_of(shape_, o);
  s.window = with_factors(shape_.work, o.f);
  s.compute = compute_;
  s.kernels = shape_.work.kernels;
  s.tile_cycles = tile_cycles(shape_.work, o.f);
  s.activation = activation_;
  const int latency = spec::WindowTiming::kIssueToTap + s.compute.folds - 1 + spec::datapath_latency(s);
  if (is_fetched(o.weights)) s.fetch = fetch(o);
  if (o.weights == Residence::stream) {
    Stage stage;
    stage.m = o.f.m, stage.b = o.b, stage.band_rows = o.band_rows, stage.weights = o.weights;
    stage.tile_cycles = s.tile_cycles, stage.stage_cycles = engine_cycles(shape_.work, o.f);
    stage.out = s.out;
    stage.window = s.window;
    stage.reorder_places = reorder_places(stage, latency, 1, o.cycles);
    s.window.capacity = capacity(stage, o.cycles);
    s.sweep = sweep_params(stage);
    s.fifo_depth = spec::SweepTiming::kFullRateDepth;
    s.weight_style = weight_buffer_style(*s.fetch);
  } else {
    s.window.capacity = capacity(s.window, o.cycles);
    s.fifo_depth = output_fifo_depth(spec::beats_per_tile(spec::tile_beats(s)), s.tile_cycles, latency, 1);
    s.weight_style = o.weights == Residence::rom_block || o.weights == Residence::ram_block
                         ? spec::MemoryStyle::block
                     : o.weights == Residence::ram_distributed ? spec::MemoryStyle::distributed
                                                               : spec::MemoryStyle::logic;
  }
  s.store = store_style(s.window);
  find_moves(s);
  return array_and_activation_ + spec::cost_beside_array(s);
}

spec::Resources OptionCost::lanewise(const Option& o) {
  spec::LanewiseStage s;
  s.technology = shape_.technology;
  s.out = link_of(shape_, o);
  s.op = shape_.op == nn::Op::max_pool ? spec::LaneOp::max
         : shape_.weight_bits > 0      ? spec::LaneOp::multiply
                                       : spec::LaneOp::sum;
  s.base = shape_.in_base, s.step = shape_.in_step;
  s.window = with_factors(shape_.work, o.f);
  s.window.capacity = capacity(s.window, o.cycles);
  s.weight = shape_.code;
  s.weight_bits = shape_.weight_bits;
  s.weight_style = o.weights == Residence::rom_block ? spec::MemoryStyle::block : spec::MemoryStyle::logic;
  s.acc_bits = shape_.acc_bits;
  s.acc_signed = shape_.acc_signed;
  if (shape_.op != nn::Op::max_pool)
    s.activation = activation(o.activation, o.f, static_cast<int>(ceil_div(s.window.channels, o.f.s)));
  s.tile_cycles = tile_cycles(shape_.work, o.f);
  s.fifo_depth = 2 + static_cast<int>(ceil_div(12, s.tile_cycles));
  s.store = store_style(s.window);
  moves_.clear();
  find_moves({.window = spec::lane_window(s.window),
              .tile_cycles = s.tile_cycles,
              .credits = s.fifo_depth,
              .style = s.store});
  return spec::cost_behind_feed(s);
}

namespace {

// What it takes in UltraRAM beyond what it takes in block RAM.
template <class Shape>
Amounts more_in_ultra_ram(Shape shape) {
  const spec::Resources before = spec::cost(shape);
  if constexpr (requires { shape.ultra; }) {
    shape.ultra = true;
  } else {
    shape.style = spec::MemoryStyle::ultra;
  }
  const Amounts a = amounts(before);
  Amounts more = amounts(spec::cost(shape));
  for (size_t kind = 0; kind < kKinds; ++kind) more[kind] -= a[kind];
  return more;
}

}  // namespace

void OptionCost::find_moves(const spec::WindowStoreShape& store) {
  if (shape_.technology != spec::Technology::xcup || store.style != spec::MemoryStyle::block) return;
  moves_.push_back({.what = {.store = true}, .more = more_in_ultra_ram(store)});
}

void OptionCost::find_moves(const spec::ComputeStage& s) {
  moves_.clear();
  find_moves(spec::window_store(s));
  if (shape_.technology != spec::Technology::xcup || !s.fetch) return;
  if (s.weight_style == spec::MemoryStyle::block)
    moves_.push_back({.what = {.weights = true},
                      .more = more_in_ultra_ram(
                          spec::WeightBufferShape{.fetch = *s.fetch, .technology = s.compute.technology})});
  if (s.sweep && spec::ring_style(spec::reorder_queue(s)) == spec::MemoryStyle::block)
    moves_.push_back({.what = {.ring = true}, .more = more_in_ultra_ram(spec::reorder_queue(s))});
}

}  // namespace elb::arch
