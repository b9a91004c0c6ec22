#include "arch/stage_specs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "arch/activation_choice.hpp"
#include "arch/activation_params.hpp"
#include "arch/make_plan.hpp"
#include "arch/names.hpp"
#include "arch/presets.hpp"
#include "arch/sweep_buffers.hpp"
#include "arch/weight_image.hpp"
#include "base/assert.hpp"
#include "nn/codes.hpp"
#include "spec/memory_cost.hpp"

namespace elb::arch {
namespace {

using nn::Layer;
using nn::Op;
using spec::MemoryStyle;
using spec::StageSpec;

spec::WeightCode weight_code(const nn::WeightType& w) {
  switch (w.kind) {
    case nn::WeightKind::binary:
      return spec::WeightCode::binary;
    case nn::WeightKind::ternary:
      return spec::WeightCode::ternary;
    case nn::WeightKind::integer:
      return spec::WeightCode::integer;
  }
  return spec::WeightCode::integer;
}

MemoryStyle weight_style(Residence r) {
  switch (r) {
    case Residence::rom_block:
    case Residence::ram_block:
      return MemoryStyle::block;
    case Residence::ram_distributed:
      return MemoryStyle::distributed;
    case Residence::rom_logic:
    case Residence::none:
      return MemoryStyle::logic;
    case Residence::stream:
      break;
  }
  ELB_ASSERT(false, "streamed weights have the style of their buffer");
  return MemoryStyle::logic;
}

// Of streamed tiles.
int accumulator_bits(nn::Interval t, bool is_signed) {
  return is_signed ? signed_bits_for(t.lo, t.hi) : bits_for(t.hi);
}

// Without acc_bits.
spec::ComputeParams array(const Layer& l, const Stage& stage, spec::Technology technology) {
  return {.technology = technology,
          .weight = weight_code(*l.weight),
          .weight_bits = l.weight->bits,
          .act_bits = stage.window->bits,
          .s = stage.s,
          .p = stage.p,
          .m = stage.m,
          .folds = spec::folds(*stage.window),
          .acc_signed = l.weight->kind == nn::WeightKind::integer,
          .dsp = stage.dsp};
}

// With it, where it matters to the array itself.
spec::ComputeParams sized_array(const Layer& l, const Stage& stage, spec::Technology technology) {
  spec::ComputeParams p = array(l, stage, technology);
  if (spec::has_primitives(technology)) p.acc_bits = accumulator_bits(l.codes->t, p.acc_signed);
  return p;
}

struct Builder {
  const nn::Network& net;
  const Plan& plan;
  const std::string& top;

  template <class Spec>
  Spec base(const Stage& stage) const {
    Spec s;
    s.module = module_name(top, stage);
    s.title = stage_title(net, stage);
    s.out = stage.out;
    s.fifo_depth = stage.fifo_depth;
    return s;
  }

  const Layer& layer(const Stage& stage) const { return net.layers[stage.layer]; }

  spec::ActivationParams activation(const Stage& stage, int in_bits, bool in_signed) const {
    const Layer& l = layer(stage);
    spec::ActivationParams p = activation_params(l, stage, activation_lanes(l, stage), plan.technology);
    p.in_bits = in_bits;
    p.in_signed = in_signed;
    p.mem_file = activation_file(stage);
    p.module = module_name(top, stage) + "_act";
    return p;
  }

  StageSpec input(const Stage& stage) const {
    auto s = base<spec::InputStage>(stage);
    for (const std::vector<int>& table : net.pixel_table) {
      std::vector<int> codes;
      for (const int value : table) codes.push_back(net.input_act.code_of(value));
      s.tables.push_back(std::move(codes));
    }
    return s;
  }

  StageSpec compute(const Stage& stage) const {
    const Layer& l = layer(stage);
    auto s = base<spec::ComputeStage>(stage);
    s.in = stage.inputs[0].link;
    s.flatten = flattens(net, stage);
    s.widen_bipolar = nn::widens_bipolar(l);
    s.pad_code = nn::hw_pad_code(l);
    s.window = *stage.window;
    s.compute = array(l, stage, plan.technology);
    s.compute.acc_bits = accumulator_bits(l.codes->t, s.compute.acc_signed);
    s.kernels = l.out.c / s.window.groups;
    s.activation = activation(stage, s.compute.acc_bits, s.compute.acc_signed);
    s.tile_cycles = stage.tile_cycles;
    s.store = store_style(s.window, stage.ultra.store);
    if (is_fetched(stage.weights)) {
      s.fetch = fetch(s, stage);
    } else {
      s.weight_file = weight_file(stage);
    }
    const bool streamed = stage.weights == Residence::stream;
    if (streamed) {
      s.sweep = sweep_params(stage);
      s.sweep->patience = pass_patience(plan, stage);
    }
    s.weight_style = streamed              ? weight_buffer_style(*s.fetch, stage.ultra.weights)
                     : stage.ultra.weights ? MemoryStyle::ultra
                                           : weight_style(stage.weights);
    s.ultra_ring = stage.ultra.ring;
    choose_presets(s);
    return s;
  }

  // Where its region begins is settled when all regions are known.
  spec::FetchParams fetch(const spec::ComputeStage& s, const Stage& stage) const {
    ELB_ASSERT(plan.memory, "weights in memory have a port to it");
    const bool once = stage.weights != Residence::stream;
    const int64_t words = s.compute.folds, tiles = s.tiles();
    return {.data_bits = plan.memory->data_bits,
            .word_bits = s.compute.weight_word_bits(),
            .tile_words = once ? words * tiles : words,
            .tiles = once ? 1 : tiles,
            .slots = once ? 1 : stage.weight_slots,
            .once = once,
            .burst_beats = plan.memory->burst_beats};
  }

  StageSpec lanewise(const Stage& stage) const {
    const Layer& l = layer(stage);
    auto s = base<spec::LanewiseStage>(stage);
    s.technology = plan.technology;
    s.in = stage.inputs[0].link;
    s.window = *stage.window;
    s.tile_cycles = stage.tile_cycles;
    s.store = store_style(s.window, stage.ultra.store);
    if (l.op == Op::max_pool) return s;
    const nn::CodeDomain& domain = *l.codes;
    if (l.op == Op::average_pool) {
      s.op = spec::LaneOp::sum;
      s.base = l.in_act.base();
      s.step = l.in_act.step();
      s.pad_value = l.count_include_pad ? l.window.pad_value : 0;
      s.acc_signed = domain.t.lo < 0 || s.base < 0 || s.pad_value < 0;
    } else {
      s.op = spec::LaneOp::multiply;
      s.widen_bipolar = nn::widens_bipolar(l);
      s.pad_code = nn::hw_pad_code(l);
      s.weight = weight_code(*l.weight);
      s.weight_bits = l.weight->bits;
      s.acc_signed = l.weight->kind == nn::WeightKind::integer;
      s.weight_style = weight_style(stage.weights);
      s.weight_file = weight_file(stage);
    }
    s.acc_bits = accumulator_bits(domain.t, s.acc_signed);
    s.activation = activation(stage, s.acc_bits, s.acc_signed);
    return s;
  }

  StageSpec elementwise(const Stage& stage) const {
    const Layer& l = layer(stage);
    auto s = base<spec::ElementwiseStage>(stage);
    for (size_t i = 0; i < stage.inputs.size(); ++i) {
      const nn::ActType& act = net.act_of(l.inputs[i]);
      s.in.push_back({.link = stage.inputs[i].link, .base = act.base(), .step = act.step()});
    }
    s.acc_signed = true;
    s.acc_bits = accumulator_bits(l.codes->t, true);
    s.activation = activation(stage, s.acc_bits, true);
    return s;
  }

  StageSpec concat(const Stage& stage) const {
    auto s = base<spec::ConcatStage>(stage);
    for (const Edge& e : stage.inputs) s.in.push_back(e.link);
    return s;
  }

  StageSpec rank(const Stage& stage) const {
    auto s = base<spec::RankStage>(stage);
    s.in = stage.inputs[0].link;
    s.k = layer(stage).op == Op::top_k ? layer(stage).k : 1;
    return s;
  }

  StageSpec convert(const Stage& stage) const {
    auto s = base<spec::ConvertStage>(stage);
    s.in = stage.inputs[0].link;
    return s;
  }

  StageSpec spec_of(const Stage& stage) const {
    switch (stage.engine) {
      case Engine::input:
        return input(stage);
      case Engine::compute:
        return compute(stage);
      case Engine::lanewise:
        return lanewise(stage);
      case Engine::elementwise:
        return elementwise(stage);
      case Engine::concat:
        return concat(stage);
      case Engine::rank:
        return rank(stage);
      case Engine::convert:
        return convert(stage);
    }
    ELB_ASSERT(false, "no such engine");
    return {};
  }
};

// Regions in the order of the stages, each from a multiple of 4096 bytes on.
void place_regions(std::vector<StageSpec>& specs, const Plan& plan) {
  constexpr int64_t kRegionBytes = 4096;
  int64_t next = 0;  // beat
  for (StageSpec& spec : specs) {
    auto* stage = std::get_if<spec::ComputeStage>(&spec);
    if (!stage || !stage->fetch) continue;
    const int64_t align = kRegionBytes / (stage->fetch->data_bits / 8);
    stage->fetch->first_beat = next;
    next += ceil_div(spec::region_beats(*stage->fetch), align) * align;
  }
  if (next == 0) return;
  const int64_t bytes = next * (plan.memory->data_bits / 8);
  const int needed = bits_for(bytes - 1);
  if (plan.memory->address_bits >= needed) return;
  throw UserError({.code = "arch-plan",
                   .place = plan.network,
                   .text = fmt::format("the weights in memory take {} bytes, more than {} address bits reach",
                                       bytes, plan.memory->address_bits),
                   .help = fmt::format("{} address_bits of the memory \"{}\"", needed, plan.memory->name)});
}

std::string map_text(const spec::Link& l) {
  return fmt::format("{}x{}x{}", l.h, l.w, l.c);
}

}  // namespace

MemoryStyle weight_buffer_style(const spec::FetchParams& f, bool ultra) {
  if (ultra) return MemoryStyle::ultra;
  return f.slots * ceil_div(f.tile_words, spec::words_per_beat(f)) >= spec::kBlockDepth
             ? MemoryStyle::block
             : MemoryStyle::distributed;
}

MemoryStyle store_style(const spec::WindowParams& w, bool ultra) {
  if (ultra) return MemoryStyle::ultra;
  return int64_t{w.capacity} * spec::words_per_group(w) >= spec::kBlockDepth ? MemoryStyle::block
                                                                             : MemoryStyle::distributed;
}

std::string stage_title(const nn::Network& net, const Stage& stage) {
  if (stage.layer < 0) {
    return fmt::format("pixels of {} to {} codes", map_text(stage.out), nn::to_string(net.input_act));
  }
  const Layer& l = net.layers[stage.layer];
  if (stage.engine == Engine::convert) {
    return fmt::format("{} to {}, {} channels per beat", map_text(stage.inputs[0].link), map_text(stage.out),
                       stage.out.channels);
  }
  std::string text = nn::to_string(l.op);
  if (l.op == Op::conv || l.op == Op::max_pool || l.op == Op::average_pool) {
    text += fmt::format(" {}x{}", l.window.kh, l.window.kw);
    if (l.window.sh > 1 || l.window.sw > 1) text += fmt::format("/{}", std::max(l.window.sh, l.window.sw));
  }
  text += fmt::format(", {} to {}", nn::to_string(l.in), nn::to_string(l.out));
  if (l.groups > 1) text += fmt::format(" in {} groups", l.groups);
  if (l.weight) text += ", " + nn::to_string(*l.weight) + " weights";
  if (l.act) text += ", " + nn::to_string(*l.act);
  return text;
}

std::vector<StageSpec> stage_specs(const nn::Network& net, const Plan& plan, const std::string& top,
                                   WeightImages images) {
  const Builder builder{net, plan, top};
  std::vector<StageSpec> out;
  for (const Stage& stage : plan.stages) out.push_back(builder.spec_of(stage));
  place_regions(out, plan);
  if (images == WeightImages::made) add_weight_images(out, net, plan);
  return out;
}

void add_weight_images(std::vector<StageSpec>& specs, const nn::Network& net, const Plan& plan) {
  for (size_t i = 0; i < specs.size(); ++i) {
    const Stage& stage = plan.stages[i];
    if (stage.weights == Residence::none) continue;
    const auto image =
        std::make_shared<const MemImage>(weight_image(net.layers[static_cast<size_t>(stage.layer)], stage));
    if (auto* compute = std::get_if<spec::ComputeStage>(&specs[i])) compute->weights = image;
    if (auto* lanewise = std::get_if<spec::LanewiseStage>(&specs[i])) lanewise->weights = image;
  }
}

int compute_latency(const Layer& layer, const Stage& stage, spec::Technology technology) {
  return spec::latency(sized_array(layer, stage, technology));
}

int64_t most_dsp(const Layer& layer, const Stage& stage, spec::Technology technology) {
  return spec::most_dsp(sized_array(layer, stage, technology));
}

int settled_dsp(const Layer& layer, const Stage& stage, spec::Technology technology) {
  if (stage.dsp != spec::kAllDsp || !spec::has_primitives(technology)) return stage.dsp;
  const spec::ComputeParams array = sized_array(layer, stage, technology);
  return spec::most_dsp(array) > 0 ? static_cast<int>(spec::used_dsp(array)) : stage.dsp;
}

std::optional<spec::MemoryPortParams> memory_port(const Plan& plan, const std::vector<StageSpec>& specs) {
  if (!plan.memory) return {};
  spec::MemoryPortParams p{.protocol = plan.memory->protocol,
                           .data_bits = plan.memory->data_bits,
                           .address_bits = plan.memory->address_bits,
                           .burst_beats = plan.memory->burst_beats,
                           .outstanding = plan.memory->outstanding};
  for (const StageSpec& spec : specs) {
    const auto* s = std::get_if<spec::ComputeStage>(&spec);
    if (s && s->fetch) p.clients.push_back(*s->fetch);
  }
  ELB_ASSERT(!p.clients.empty(), "a plan with a memory has stages that fetch");
  return p;
}

}  // namespace elb::arch
