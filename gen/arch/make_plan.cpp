#include "arch/make_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "arch/activation_params.hpp"
#include "arch/buffers.hpp"
#include "arch/folding.hpp"
#include "arch/plan_rows.hpp"
#include "arch/stage_specs.hpp"
#include "arch/store_work.hpp"
#include "arch/sweep_buffers.hpp"
#include "base/assert.hpp"
#include "spec/convert.hpp"
#include "spec/rank.hpp"

namespace elb::arch {
namespace {

using nn::Layer;
using nn::Op;

constexpr int kImagesOfPass =
    8;  // what an fc layer with streamed weights takes at once unless told otherwise

class Planner {
 public:
  Planner(const nn::Network& net, const PlanOptions& options)
      : net_(net), options_(options), rows_(options.overrides, diags_), stage_of_(net.layers.size(), -1) {}

  Plan run() {
    plan_.network = net_.name;
    plan_.macs = net_.macs();
    plan_.device = options_.device.empty() ? options_.overrides.device.value_or("") : options_.device;
    plan_.clock_mhz = options_.clock_mhz ? options_.clock_mhz : options_.overrides.clock_mhz;
    plan_.technology = technology_of(options_);
    if (options_.overrides.network && *options_.overrides.network != net_.name) {
      diags_.error({.code = "arch-plan",
                    .place = options_.overrides.place + "#/network",
                    .text = fmt::format("the plan is for \"{}\", the network is \"{}\"",
                                        *options_.overrides.network, net_.name)});
    }
    add_input();
    for (size_t i = 0; i < net_.layers.size(); ++i) add_layer(static_cast<int>(i));
    size_buffers();
    settle_memory();
    rows_.refuse_unused(plan_);
    diags_.throw_if_any();
    return std::move(plan_);
  }

 private:
  // ---- links and targets ----

  int stage_index(int source) const { return source < 0 ? input_stage_ : stage_of_[source]; }
  const spec::Link& link_of(int source) const { return plan_.stages[stage_index(source)].out; }

  // What a stage behind these sources is asked for: a slower stage before it lets it take its time.
  int64_t target(const std::vector<int>& sources) const {
    int64_t cycles = options_.max_cycles;
    for (const int s : sources) cycles = std::max(cycles, pace_[stage_index(s)]);
    return cycles;
  }

  spec::Link out_link(const Layer& layer, int columns, int channels) const {
    spec::Link link{
        .h = layer.out.h, .w = layer.out.w, .c = layer.out.c, .columns = columns, .channels = channels};
    if (layer.act) {
      link.bits = layer.act->bits;
    } else if (layer.op == Op::argmax || layer.op == Op::top_k) {
      link.bits = bits_for(layer.in.size() - 1);
    } else {
      link.bits = raw_bits(layer);
      link.is_signed = true;
    }
    return link;
  }

  [[noreturn]] void miss(const Layer& layer, int64_t fewest, int64_t wanted) const {
    throw TargetMissed({.code = "arch-target",
                        .place = layer.place,
                        .text = fmt::format("\"{}\" needs at least {} cycles per frame, the target is {}",
                                            layer.name, fewest, wanted),
                        .help = fmt::format("--max-cycles {}", fewest)},
                       fewest);
  }

  // Cycles per frame of what stands between an input and the stage.
  static int64_t arrival_cycles(const Stage& stage, const spec::Link& in) {
    spec::Link to = stage.out;
    switch (stage.engine) {
      case Engine::elementwise:
        to.bits = in.bits;
        return spec::convert_cycles(in, to);
      case Engine::concat:
        to.c = in.c;
        return spec::convert_cycles(in, to);
      case Engine::convert:
        return spec::convert_cycles(in, to);
      case Engine::input:
      case Engine::compute:
      case Engine::lanewise:
      case Engine::rank:
        break;
    }
    return in.beats_per_frame();
  }

  // ---- stages ----

  static UltraRam possible_ultra(const Stage& s) {
    const bool streamed = s.weights == Residence::stream;
    return {.store = s.window.has_value(),
            .weights = streamed || s.weights == Residence::ram_block,
            .ring = streamed};
  }

  void push(Stage stage, const std::vector<int>& sources) {
    if (stage.engine != Engine::compute) rows_.again(stage.name).refuse_l();
    if (stage.weights == Residence::none) rows_.again(stage.name).refuse_weights();
    if (stage.engine != Engine::compute) rows_.again(stage.name).dsp([] { return 0; });
    if (stage.weights != Residence::stream) rows_.again(stage.name).refuse_sweeps();
    stage.ultra = rows_.again(stage.name).ultra(possible_ultra(stage), plan_.technology);
    int64_t pace = 0;
    for (const int s : sources) {
      stage.inputs.push_back({.from = stage_index(s), .link = link_of(s)});
      pace = std::max(pace, pace_[stage_index(s)]);
      stage.link_cycles = std::max(stage.link_cycles, arrival_cycles(stage, link_of(s)));
    }
    stage.link_cycles = std::max(stage.link_cycles, stage.out.beats_per_frame());
    pace_.push_back(std::max(pace, stage.cycles()));
    plan_.stages.push_back(std::move(stage));
  }

  void add_input() {
    const nn::Shape& in = net_.input;
    Stage stage{.name = "input", .engine = Engine::input};
    const StageRow row = rows_.take(stage.name);
    row.require_engine({Engine::input});
    stage.out = {.h = in.h, .w = in.w, .c = in.c, .bits = net_.input_act.bits};
    constexpr int kPixelAtOnce = 16;  // channels that one beat carries without need
    const std::optional<int> lanes = row.lanes(in.c), columns = row.m(in.w);
    for (stage.out.channels = lanes.value_or(in.c <= kPixelAtOnce ? in.c : 1);
         !lanes && stage.out.channels < in.c && stage.out.beats_per_frame() > options_.max_cycles;) {
      ++stage.out.channels;
    }
    for (stage.out.columns = columns.value_or(1);
         !columns && stage.out.columns < in.w && stage.out.beats_per_frame() > options_.max_cycles;) {
      ++stage.out.columns;
    }
    if (!(lanes && columns) && stage.out.beats_per_frame() > options_.max_cycles) {
      throw TargetMissed({.code = "arch-target",
                          .place = net_.source + "#/input",
                          .text = fmt::format("the input needs at least {} beats per frame, the target is {}",
                                              stage.out.beats_per_frame(), options_.max_cycles)},
                         stage.out.beats_per_frame());
    }
    finish_streaming(stage);
    push(std::move(stage), {});
  }

  void add_layer(int index) {
    const Layer& layer = net_.layers[index];
    switch (layer.op) {
      case Op::conv:
      case Op::fc:
      case Op::max_pool:
      case Op::average_pool:
        add_windowed(index);
        break;
      case Op::add:
      case Op::quantize:
        add_elementwise(index);
        break;
      case Op::concat:
        add_concat(index);
        break;
      case Op::flatten:
        add_flatten(index);
        break;
      case Op::argmax:
      case Op::top_k:
        add_rank(index);
        break;
    }
    if (stage_of_[index] < 0) stage_of_[index] = static_cast<int>(plan_.stages.size()) - 1;
  }

  void add_windowed(int index) {
    const Layer& layer = net_.layers[index];
    const bool pool = layer.op == Op::max_pool || layer.op == Op::average_pool;
    Stage stage{.name = layer.name, .layer = index};
    const StageRow row = rows_.take(stage.name);
    stage.engine = pool || is_depthwise(layer) ? Engine::lanewise : Engine::compute;
    if (is_depthwise(layer)) {
      stage.engine = row.require_engine({Engine::lanewise, Engine::compute});
    } else {
      row.require_engine({stage.engine});
    }
    const bool lanewise = stage.engine == Engine::lanewise;
    StoreWork work = store_work(layer, link_of(layer.inputs[0]), lanewise);

    work.turns = link_turns(net_, index);
    FixedFactors fixed;
    if (lanewise) {
      fixed.p = fixed.s = row.lanes(work.window.channels);
    } else {
      fixed.p = row.p(work.kernels);
      fixed.s = row.s(work.window.channels);
      work.l = row.l(work.kernels, work.window.groups, fixed.p);
    }
    fixed.m = row.m(work.window.out_w);
    const int64_t wanted = target(layer.inputs);
    std::optional<Factors> f;
    if (fixed.all()) {
      f = Factors{.p = *fixed.p, .s = *fixed.s, .m = *fixed.m};
    } else {
      f = smallest_factors(work, fixed, wanted);
    }
    if (!f) miss(layer, fewest_cycles(work, fixed), wanted);

    stage.p = f->p, stage.s = f->s, stage.m = f->m;
    stage.window = with_factors(work, *f);
    const spec::TileBeats tile = tile_beats(work, *f);
    stage.out = out_link(layer, f->m, tile.l);
    stage.beats_per_tile = spec::beats_per_tile(tile);
    stage.tile_cycles = tile_cycles(work, *f);
    stage.stage_cycles = engine_cycles(work, *f);
    stage.link_cycles = writer_cycles(work, *f);
    stage.activation = row.activation(layer, activation_shape(layer, stage, plan_.technology));
    if (!lanewise) {
      stage.dsp = row.dsp([&] { return most_dsp(layer, stage, plan_.technology); });
      stage.dsp = settled_dsp(layer, stage, plan_.technology);
    }
    if (layer.has_weights()) {
      const int64_t words =
          stage.stage_cycles / (int64_t{layer.out.h} * spec::output_groups_per_row(*stage.window));
      stage.weights = row.residence(words, !lanewise);
    }
    settle_sweeps(stage, row, layer);
    push(std::move(stage), layer.inputs);
  }

  static void settle_sweeps(Stage& stage, const StageRow& row, const Layer& layer) {
    if (stage.weights != Residence::stream) return;
    if (layer.op == Op::fc) {
      stage.b = row.images(kImagesOfPass);
      row.refuse_band();
    } else {
      stage.band_rows = row.band_rows(layer.out.h);
      row.refuse_images();
    }
    stage.weight_slots = row.weight_slots(stage.weight_slots);
  }

  // Engines without a store: one beat in, one beat out.
  static void finish_streaming(Stage& stage) {
    stage.p = stage.s = stage.out.channels;
    stage.m = stage.out.columns;
    stage.stage_cycles = stage.out.beats_per_frame();
  }

  // As wide as the narrowest operand: no beat comes faster.
  void add_elementwise(int index) {
    const Layer& layer = net_.layers[index];
    Stage stage{.name = layer.name, .layer = index, .engine = Engine::elementwise};
    const StageRow row = rows_.take(stage.name);
    row.require_engine({stage.engine});
    const spec::Link* narrowest = &link_of(layer.inputs[0]);
    for (const int source : layer.inputs) {
      if (link_of(source).lanes() < narrowest->lanes()) narrowest = &link_of(source);
    }
    const int lanes = row.lanes(layer.out.c).value_or(narrowest->channels);
    stage.out = out_link(layer, row.m(layer.out.w).value_or(narrowest->columns), lanes);
    stage.activation = row.activation(layer, activation_shape(layer, stage, plan_.technology));
    finish_streaming(stage);
    push(std::move(stage), layer.inputs);
  }

  void add_concat(int index) {
    const Layer& layer = net_.layers[index];
    Stage stage{.name = layer.name, .layer = index, .engine = Engine::concat};
    const StageRow row = rows_.take(stage.name);
    row.require_engine({stage.engine});
    std::vector<spec::Link> operands;
    for (const int source : layer.inputs) operands.push_back(link_of(source));
    const int common = common_channels(operands);
    const std::optional<int> fixed_lanes = row.lanes(common), fixed_columns = row.m(layer.out.w);
    if (fixed_lanes && common % *fixed_lanes != 0) {
      row.refuse(
          "p",
          fmt::format("{} channels per beat do not divide the {} that the operands of \"{}\" have in common",
                      *fixed_lanes, common, layer.name));
    }
    const int64_t wanted = target(layer.inputs);
    stage.out = concat_link(operands, out_link(layer, 1, 1), fixed_lanes, fixed_columns, wanted);
    finish_streaming(stage);
    stage.stage_cycles = concat_cycles(operands, stage.out);
    if (stage.stage_cycles > wanted && !(fixed_lanes && fixed_columns))
      miss(layer, stage.stage_cycles, wanted);
    push(std::move(stage), layer.inputs);
  }

  void add_flatten(int index) {
    const Layer& layer = net_.layers[index];
    if (keeps_map(net_, index)) {
      stage_of_[index] = stage_index(layer.inputs[0]);
      return;
    }
    const spec::Link& in = link_of(layer.inputs[0]);
    if (in.columns > 1 && in.channels < in.c) add_convert(layer.inputs[0]);
    Stage stage{.name = layer.name, .layer = index, .engine = Engine::convert};
    const StageRow row = rows_.take(stage.name);
    row.require_engine({stage.engine});
    stage.out = link_of(layer.inputs[0]);
    stage.out.h = stage.out.w = stage.out.columns = 1;
    stage.out.c = layer.out.c;
    row.m(1);
    fill_lanes(stage, row, 1, target(layer.inputs));
    push(std::move(stage), layer.inputs);
  }

  // The fewest channels per beat that meet the target; from `least` on.
  void fill_lanes(Stage& stage, const StageRow& row, int least, int64_t wanted) {
    const std::optional<int> lanes = row.lanes(stage.out.c);
    stage.out.channels = lanes.value_or(least);
    while (!lanes && stage.out.beats_per_frame() > wanted && stage.out.channels < stage.out.c)
      ++stage.out.channels;
    finish_streaming(stage);
  }

  // One column per beat, and a number of channels that divides, behind the stage of `source`; from now on its
  // readers see the new link.
  void add_convert(int source) {
    const Stage& before = plan_.stages[stage_index(source)];
    Stage stage{.name = before.name + "_convert", .layer = before.layer, .engine = Engine::convert};
    while (std::any_of(net_.layers.begin(), net_.layers.end(),
                       [&](const Layer& l) { return l.name == stage.name; })) {
      stage.name += "_";
    }
    const StageRow row = rows_.take(stage.name);
    row.require_engine({stage.engine});
    stage.out = before.out;
    stage.out.columns = 1;
    row.m(1);
    const int64_t wanted = target({source});
    const std::optional<int> lanes = row.lanes(stage.out.c);
    for (stage.out.channels = lanes.value_or(1); !lanes && stage.out.channels < stage.out.c;
         ++stage.out.channels) {
      if (stage.out.c % stage.out.channels == 0 && stage.out.beats_per_frame() <= wanted) break;
    }
    if (lanes && stage.out.c % *lanes != 0) {
      row.refuse("p", fmt::format("{} channels per beat do not divide {}", *lanes, stage.out.c));
    }
    finish_streaming(stage);
    push(std::move(stage), {source});
    (source < 0 ? input_stage_ : stage_of_[source]) = static_cast<int>(plan_.stages.size()) - 1;
  }

  // Reads values in HWC order.
  void add_rank(int index) {
    const Layer& layer = net_.layers[index];
    const spec::Link& in = link_of(layer.inputs[0]);
    const bool one_pixel = in.h == 1 && in.w == 1;
    if (!one_pixel && (in.columns > 1 || in.c % in.channels != 0)) add_convert(layer.inputs[0]);
    Stage stage{.name = layer.name, .layer = index, .engine = Engine::rank};
    const StageRow row = rows_.take(stage.name);
    row.require_engine({stage.engine});
    row.lanes(1);
    row.m(1);
    stage.out = out_link(layer, 1, 1);
    finish_streaming(stage);
    stage.stage_cycles = spec::interval(spec::RankParams{.values = layer.in.size()}, stage.out.c);
    if (stage.stage_cycles > target(layer.inputs)) miss(layer, stage.stage_cycles, target(layer.inputs));
    push(std::move(stage), layer.inputs);
  }

  // ---- buffers ----

  void size_buffers() {
    plan_.pace = options_.overrides.pace.value_or(options_.pace);
    plan_.cycles_per_frame = plan_.pace;
    for (const Stage& s : plan_.stages) plan_.cycles_per_frame = std::max(plan_.cycles_per_frame, s.cycles());
    std::vector<int> readers(plan_.stages.size(), 0);
    for (Stage& s : plan_.stages) {
      for (const Edge& e : s.inputs) ++readers[e.from];
      const StageRow row = rows_.again(s.name);
      if (!s.window) {
        row.refuse_capacity();
        continue;
      }
      const bool sweeps = s.weights == Residence::stream;
      const int64_t least =
          sweeps ? spec::min_capacity(*s.window, sweep_params(s)) : spec::min_capacity(*s.window);
      s.window->capacity = row.capacity(static_cast<int>(least),
                                        sweeps ? sweep_capacity(s, plan_.cycles_per_frame)
                                               : window_capacity(*s.window, s.inputs[0].link.columns,
                                                                 s.link_cycles, plan_.cycles_per_frame));
    }
    std::vector<int> hold(plan_.stages.size(), 1);
    for (Stage& s : plan_.stages) {
      const StageRow row = rows_.again(s.name);
      std::vector<bool> forked;
      for (const Edge& e : s.inputs) forked.push_back(readers[e.from] > 1);
      const std::vector<int> given = row.branch_fifos(forked);
      for (size_t i = 0; i < s.inputs.size(); ++i) {
        s.inputs[i].branch_fifo = given[i];
        if (!forked[i]) hold[s.inputs[i].from] = hold_cycles(s, i);
      }
    }
    for (size_t i = 0; i < plan_.stages.size(); ++i) size_output(plan_.stages[i], hold[i]);
    size_branch_fifos(plan_);
  }

  // `hold`: cycles that its reader needs for a beat.
  void size_output(Stage& s, int hold) {
    const StageRow row = rows_.again(s.name);
    if (s.weights == Residence::stream) {
      s.reorder_places =
          row.reorder_places(spec::places_per_band(*s.window, sweep_params(s)),
                             reorder_places(s, push_latency(net_, s, plan_.technology) + s.beats_per_tile,
                                            hold, plan_.cycles_per_frame));
      s.fifo_depth = row.fifo_depth(1, spec::SweepTiming::kFullRateDepth);
      return;
    }
    // Without a pipeline behind their credits two beats are enough.
    const bool pipelined = s.window || s.engine == Engine::elementwise;
    s.fifo_depth = row.fifo_depth(s.beats_per_tile,
                                  pipelined ? output_fifo_depth(s.beats_per_tile, s.tile_cycles,
                                                                push_latency(net_, s, plan_.technology), hold)
                                            : 2);
  }

  void settle_memory() {
    const bool fetches = std::any_of(plan_.stages.begin(), plan_.stages.end(),
                                     [](const Stage& s) { return is_fetched(s.weights); });
    const std::optional<MemoryPort>& given = options_.overrides.memory;
    if (fetches) {
      plan_.memory = given ? given : options_.memory ? options_.memory : MemoryPort{};
    } else if (given) {
      diags_.error({.code = "arch-plan",
                    .place = options_.overrides.place + "#/memory",
                    .text = "no stage has weights in memory",
                    .help = "null"});
    }
  }

  const nn::Network& net_;
  const PlanOptions& options_;
  Diags diags_;
  PlanRows rows_;
  Plan plan_;
  std::vector<int> stage_of_;  // [layers]
  std::vector<int64_t> pace_;  // [stages] cycles of the slowest stage up to it
  int input_stage_ = 0;
};

}  // namespace

spec::Technology technology_of(const PlanOptions& options) {
  return options.technology.value_or(options.overrides.technology.value_or(spec::Technology::generic));
}

Plan make_plan(const nn::Network& net, const PlanOptions& options) {
  ELB_ASSERT(options.max_cycles >= 1, "the target is checked at the program's edge");
  return Planner(net, options).run();
}

bool flattens(const nn::Network& net, const Stage& stage) {
  if (stage.layer < 0 || net.layers[stage.layer].op != nn::Op::fc) return false;
  const spec::Link& in = stage.inputs[0].link;
  return in.h > 1 || in.w > 1;
}

}  // namespace elb::arch
