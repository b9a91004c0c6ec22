#include "arch/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "arch/activation_choice.hpp"
#include "arch/buffers.hpp"
#include "arch/stage_specs.hpp"
#include "arch/store_work.hpp"
#include "arch/sweep_buffers.hpp"
#include "arch/undominated.hpp"
#include "base/assert.hpp"
#include "nn/codes.hpp"
#include "spec/cost.hpp"
#include "spec/elementwise.hpp"
#include "spec/lanewise.hpp"

namespace elb::arch {
namespace {

constexpr int64_t kBlockWords = 64;       // shallower weights and stores fit LUTs better
constexpr int64_t kMostLogicDepth = 512;  // beyond it no ROM of weights is cheaper in LUTs
constexpr double kStreamedConv = 0.1;
constexpr int64_t kWorthStreaming = 4 * 36864;  // bits of weights; fewer are no burden on chip

// Integer arrays: every S is a tree to be planned.
constexpr int kMostIntegerInputs = 64;  // of a dot product; a deeper tree saves nothing beside the products
constexpr double kNextIntegerInputs = 1.25;
// DSP slices make all products, none, or some of the parts between: of more than a few inputs a half, since
// slices that are left are dealt out one by one (explore).
constexpr int kFewInputs = 8;
constexpr int kPartsOfFew = 4, kPartsOfMany = 2;

// A layer with many factors in both directions has products of every size: of near neighbours one will do.
constexpr size_t kFineGrid = 2500;
constexpr double kNextFactor = 1.1;
std::vector<int> spread(std::vector<int> ascending, double next) {
  int last = 0;
  std::erase_if(ascending, [&](int f) {
    if (f < last * next) return true;
    last = f;
    return false;
  });
  return ascending;
}
std::vector<int> thinned(std::vector<int> ascending, size_t others) {
  if (ascending.size() * others <= kFineGrid) return ascending;
  return spread(std::move(ascending), kNextFactor);
}

bool within(const Amounts& a, const Amounts& limit) {
  for (int k = 0; k < kDram; ++k) {
    if (a[k] > limit[k]) return false;
  }
  return true;
}

spec::ComputeParams compute_params(const LayerShape& shape, const Factors& f, int dsp) {
  return {.technology = shape.technology,
          .weight = shape.code,
          .weight_bits = shape.weight_bits,
          .act_bits = shape.work.window.bits,
          .s = f.s,
          .p = f.p,
          .m = f.m,
          .folds = spec::folds(with_factors(shape.work, f)),
          .acc_bits = shape.acc_bits,
          .acc_signed = shape.acc_signed,
          .dsp = dsp};
}

class Table {
 public:
  Table(const LayerShape& shape, const Amounts& limit, const std::optional<MemoryPort>& memory)
      : shape_(shape), limit_(limit), memory_(memory) {}

  std::vector<Option> make() {
    const StoreWork& work = shape_.work;
    const std::vector<int> inputs = factor_candidates(shape_.fixed.s, work.window.channels);
    const std::vector<int> kernels = factor_candidates(shape_.fixed.p, work.kernels);
    std::vector<int> all_s = thinned(inputs, kernels.size());
    if (shape_.code == spec::WeightCode::integer && !shape_.fixed.s) {
      std::erase_if(all_s, [](int s) { return s > kMostIntegerInputs; });
      all_s = spread(std::move(all_s), kNextIntegerInputs);
    }
    const std::vector<int> all_p = thinned(kernels, inputs.size());
    for (const int m : factor_candidates(shape_.fixed.m, work.window.out_w)) {
      capacity_ = 0;
      band_capacity_.clear();
      for (const int s : work.lanewise ? inputs : all_s) {
        if (work.lanewise) {
          add({.p = s, .s = s, .m = m});
          continue;
        }
        for (const int p : all_p) {
          if (!add({.p = p, .s = s, .m = m})) break;  // more kernels never take less
        }
      }
    }
    return prune();
  }

 private:
  bool allowed(Residence r) const {
    if (shape_.weights) return *shape_.weights == r;
    return r != Residence::ram_block && r != Residence::ram_distributed;
  }

  // False where no option with these factors could fit, since the array alone does not.
  bool add(const Factors& f) {
    if (*spec::tile_beats_error(tile_beats(shape_.work, f)) != '\0') return true;
    Option o{.f = f};
    o.cycles = engine_cycles(shape_.work, f);
    if (shape_.work.lanewise) {
      const bool has_weights = shape_.weight_bits > 0;
      if (has_weights) o.weights = shape_.weights.value_or(Residence::rom_block);
      if (shape_.steps > 0) o.activation = Activation::threshold;
      o.cost = amounts(lanewise_cost(o));
      keep(o);
      return true;
    }
    if (!products_can_fit(f)) return false;
    compute_ = compute_params(shape_, f, shape_.dsp.value_or(spec::kAllDsp));
    array_ = spec::cost(compute_);
    if (!set_products()) return false;
    std::vector<Activation> activations = {Activation::raw};
    if (shape_.steps > 0) {
      activations = {Activation::threshold};
      if (shape_.affine) activations.push_back(Activation::affine);
      if (shape_.activation) activations = {*shape_.activation};
    }
    for (const Activation a : activations) {
      o.activation = a;
      activation_ =
          activation(o, shape_.work.window.groups * spec::beats_of_group(tile_beats(shape_.work, f)));
      array_and_activation_ = array_ + spec::cost(activation_);
      add_resident(o);
      if (memory_) add_streamed(o);
    }
    return true;
  }

  // Integer products by far too many for slices of two and LUTs; planning what they would be takes time.
  bool products_can_fit(const Factors& f) const {
    if (shape_.code != spec::WeightCode::integer || shape_.weight_bits == 0) return true;
    constexpr int kBitsALut = 4;  // of a product, more than any LUT multiplier makes
    const int64_t products = int64_t{f.p} * f.s * f.m, luts = shape_.weight_bits * shape_.work.window.bits;
    return (products - 2 * std::min(limit_[kDsp], products)) * luts / kBitsALut <= limit_[kLut];
  }

  // What the products of the factors under way can be made of, from all in DSP slices to all in LUTs. False
  // where the array alone does not fit, whatever they are made of.
  bool set_products() {
    products_ = {{.dsp = compute_.dsp, .more = {}}};
    bool fits = within(amounts(array_), limit_);
    const int64_t most = shape_.dsp ? 0 : spec::most_dsp(compute_), units = most / compute_.s;
    if (most > 0 && shape_.code != spec::WeightCode::integer) {
      offer(spec::kMostDsp);  // accumulators: all or none
      return fits;
    }
    int64_t last = most;
    const int parts = compute_.s > kFewInputs ? kPartsOfMany : kPartsOfFew;
    for (int part = parts - 1; part >= 0 && most > 0; --part) {
      // As many of every dot product, so that all are alike.
      const int64_t dsp = units * (int64_t{compute_.s} * part / parts);
      if (dsp == last) continue;
      last = dsp;
      fits = offer(static_cast<int>(dsp)) || fits;
    }
    return fits;
  }

  // Whether the array with so many slices fits alone.
  bool offer(int dsp) {
    spec::ComputeParams array = compute_;
    array.dsp = dsp;
    const Amounts cost = amounts(spec::cost(array)), without = amounts(array_);
    Products p{.dsp = dsp, .more = {}};
    for (size_t kind = 0; kind < kKinds; ++kind) p.more[kind] = cost[kind] - without[kind];
    products_.push_back(p);
    return within(cost, limit_);
  }

  void add_resident(Option o) {
    const spec::WindowParams w = with_factors(shape_.work, o.f);
    const int64_t depth = int64_t{w.groups} * ceil_div(shape_.work.kernels, o.f.p) * spec::folds(w);
    for (const Residence r :
         {Residence::rom_block, Residence::rom_logic, Residence::ram_block, Residence::ram_distributed}) {
      if (!allowed(r)) continue;
      if (!shape_.weights && (r == Residence::rom_block ? depth < kBlockWords / 4 : depth > kMostLogicDepth))
        continue;
      o.weights = r;
      o.cost = amounts(compute_cost(o));
      keep(o);
    }
  }

  void add_streamed(Option o) {
    if (!allowed(Residence::stream)) return;
    const bool fc = shape_.op == nn::Op::fc;
    const spec::WindowParams& w = shape_.work.window;
    const int64_t bits =
        int64_t{w.groups} * w.channels * spec::taps(w) * shape_.work.kernels * shape_.weight_bits;
    if (!shape_.weights && bits < kWorthStreaming) return;
    o.weights = Residence::stream;
    const int64_t own_cycles = o.cycles;
    const auto either = [](const std::optional<int>& fixed, std::vector<int> values) {
      return fixed ? std::vector<int>{*fixed} : std::move(values);
    };
    if (fc) {
      for (const int b : either(shape_.b, {1, 2, 4, 8})) {
        for (const int slots : either(shape_.weight_slots, {2, 4})) {
          o.weight_slots = slots, o.b = b, o.cycles = own_cycles;
          settle_stream(o, b, 1);
          if (o.cycles == own_cycles) break;  // more slots are no faster
        }
      }
      return;
    }
    o.surcharge = kStreamedConv;
    int last = 0;
    for (const int bands : {1, 2, 3, 4, 6, 8, 12, 16}) {
      o.band_rows = shape_.band_rows.value_or(static_cast<int>(ceil_div(w.out_h, bands)));
      if (o.band_rows == last) continue;
      last = o.band_rows;
      o.weight_slots = shape_.weight_slots.value_or(2), o.cycles = own_cycles;
      settle_stream(o, int64_t{o.band_rows} * spec::output_groups_per_row(with_factors(shape_.work, o.f)),
                    ceil_div(w.out_h, o.band_rows));
    }
  }

  // `places` under one sweep, and how often a frame reads the weights; fc: a frame is a place.
  void settle_stream(Option& o, int64_t places, int64_t reads) {
    const spec::FetchParams fetch = fetch_params(o);
    const int64_t beats = spec::region_beats(fetch) * reads;
    const bool fc = shape_.op == nn::Op::fc;
    // A slot is swept, then filled again: with all slots in turn a tile takes no less than this.
    const int64_t sweep = places * tile_cycles(shape_.work, o.f);
    const int64_t fill = memory_->timing.latency +
                         spec::beats_per_tile(fetch) * memory_->timing.cycles / memory_->timing.beats + 8;
    const int64_t per_tile = ceil_div(sweep + fill, o.weight_slots);
    o.cycles = std::max(o.cycles, ceil_div(fetch.tiles * per_tile * reads, fc ? o.b : 1));
    o.cost = amounts(compute_cost(o), ceil_div(beats, fc ? o.b : 1));
    keep(o);
  }

  // ---- specs without contents ----

  spec::FetchParams fetch_params(const Option& o) const {
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

  spec::ActivationParams activation(const Option& o, int tiles) const {
    return {.technology = shape_.technology,
            .kind = o.activation == Activation::affine ? spec::ActivationKind::affine
                    : o.activation == Activation::raw  ? spec::ActivationKind::raw
                                                       : spec::ActivationKind::threshold,
            .p = beat_channels(shape_.work, o.f),
            .m = o.f.m,
            .tiles = tiles,
            .in_bits = shape_.acc_bits,
            .in_signed = shape_.acc_signed,
            .out_bits = shape_.out_bits,
            .steps = std::max(1, shape_.steps)};
  }

  // Of a store with factors; depends on m alone.
  int capacity(const spec::WindowParams& w, int64_t cycles) {
    if (capacity_ == 0) capacity_ = window_capacity(w, w.in_columns, 0, std::max<int64_t>(cycles, 1) * 64);
    return capacity_;
  }

  // Of the store of a stage with streamed weights; depends on m, the rows of a band and frames of a pass.
  int capacity(const Stage& stage, int64_t cycles) {
    int& known = band_capacity_[{stage.band_rows, stage.b}];
    if (known == 0) known = sweep_capacity(stage, std::max<int64_t>(cycles, 1) * 64);
    return known;
  }

  // The array and the activation are those of the factors under way.
  spec::Resources compute_cost(const Option& o) {
    spec::ComputeStage s;
    s.out = link_of(shape_, o);
    s.window = with_factors(shape_.work, o.f);
    s.compute = compute_;
    s.kernels = shape_.work.kernels;
    s.tile_cycles = tile_cycles(shape_.work, o.f);
    s.activation = activation_;
    const int latency = spec::WindowTiming::kIssueToTap + s.compute.folds - 1 + spec::datapath_latency(s);
    if (is_fetched(o.weights)) s.fetch = fetch_params(o);
    if (o.weights == Residence::stream) {
      Stage stage;
      stage.b = o.b, stage.band_rows = o.band_rows, stage.weights = o.weights;
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
    return array_and_activation_ + spec::cost_beside_array(s);
  }

  spec::Resources lanewise_cost(const Option& o) {
    spec::LanewiseStage s;
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
      s.activation = activation(o, static_cast<int>(ceil_div(s.window.channels, o.f.s)));
    s.tile_cycles = tile_cycles(shape_.work, o.f);
    s.fifo_depth = 2 + static_cast<int>(ceil_div(12, s.tile_cycles));
    s.store = store_style(s.window);
    return spec::cost_behind_feed(s);
  }

  // ---- what is kept ----

  void keep(Option o) {
    if (shape_.work.lanewise) products_ = {{.dsp = spec::kAllDsp, .more = {}}};
    const Amounts cost = o.cost;
    for (const Products& p : products_) {
      o.dsp = p.dsp;
      for (size_t kind = 0; kind < kKinds; ++kind) o.cost[kind] = cost[kind] + p.more[kind];
      if (within(o.cost, limit_)) all_.push_back(o);
    }
  }

  std::vector<Option> prune() {
    std::vector<int> order(all_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int i, int j) {
      const Option &a = all_[static_cast<size_t>(i)], &b = all_[static_cast<size_t>(j)];
      return a.cycles != b.cycles ? a.cycles < b.cycles : a.cost != b.cost ? a.cost < b.cost : i < j;
    });
    std::vector<Amounts> costs;
    for (const Option& o : all_) costs.push_back(o.cost);
    Undominated undominated(costs);
    std::vector<Option> kept;
    for (const int i : order) {  // those before it take no more cycles
      const Option& o = all_[static_cast<size_t>(i)];
      if (undominated.offer(o.cost)) kept.push_back(o);
    }
    return kept;
  }

  const LayerShape& shape_;
  const Amounts& limit_;
  const std::optional<MemoryPort>& memory_;
  int capacity_ = 0;
  std::map<std::pair<int, int>, int> band_capacity_;
  spec::ComputeParams compute_;
  spec::ActivationParams activation_;
  spec::Resources array_, array_and_activation_;
  struct Products {
    int dsp;
    Amounts more;  // than array_ takes
  };
  std::vector<Products> products_;
  std::vector<Option> all_;
};

std::string text(const std::optional<int>& v) {
  return v ? std::to_string(*v) : "-";
}

}  // namespace

std::string LayerShape::key() const {
  const spec::WindowParams& w = work.window;
  return fmt::format(
      "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} | {} {} {} | {} {} {} {} {} {} {} {} {} {} | {} {} "
      "{} "
      "{} {} {} {} "
      "{} {} {} {}",
      static_cast<int>(technology), w.h, w.w, w.channels, w.groups, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top,
      w.left, w.out_h, w.out_w, w.bits, work.flatten, work.lanewise, work.kernels, static_cast<int>(op),
      static_cast<int>(code), weight_bits, in_base, in_step, out_bits, steps, acc_bits, acc_signed, widens,
      affine, text(fixed.p), text(fixed.s), text(fixed.m), text(work.l), work.turns, text(b), text(band_rows),
      text(weight_slots), text(dsp), weights ? static_cast<int>(*weights) : -1,
      activation ? static_cast<int>(*activation) : -1);
}

LayerShape layer_shape(const nn::Layer& layer, const nn::ActType& in, bool lanewise, bool affine,
                       spec::Technology technology) {
  LayerShape s;
  s.technology = technology;
  s.op = layer.op;
  spec::Link link{.h = layer.in.h, .w = layer.in.w, .c = layer.in.c, .columns = 1, .channels = layer.in.c};
  link.bits = layer.op == nn::Op::conv ? nn::hw_input_act(layer).bits : in.bits;
  s.work = store_work(layer, link, lanewise);
  s.in_base = in.base(), s.in_step = in.step();
  s.widens = nn::widens_bipolar(layer);
  s.affine = affine;
  const int64_t codes = (int64_t{1} << s.work.window.bits) - 1;
  int64_t lo = 0, hi = 0;
  if (layer.weight) {
    s.weight_bits = layer.weight->bits;
    s.code = layer.weight->kind == nn::WeightKind::binary    ? spec::WeightCode::binary
             : layer.weight->kind == nn::WeightKind::ternary ? spec::WeightCode::ternary
                                                             : spec::WeightCode::integer;
    s.acc_signed = s.code == spec::WeightCode::integer;
    const int64_t n = layer.fan_in();
    hi = codes * n * (s.acc_signed ? layer.weight->hi() : 1);
    lo = s.acc_signed ? codes * n * layer.weight->lo() : 0;
  } else {
    const int64_t n = int64_t{layer.window.kh} * layer.window.kw;
    lo = std::min<int64_t>(0, n * in.lo()), hi = n * in.hi();
    s.acc_signed = lo < 0;
  }
  s.acc_bits = s.acc_signed ? signed_bits_for(lo, hi) : bits_for(hi);
  if (layer.act) {
    s.out_bits = layer.act->bits;
    s.steps = layer.has_tail() ? layer.act->codes() - 1 : 0;
  } else {
    s.out_bits = std::max(16, s.acc_bits + (s.acc_signed ? 0 : 1));
  }
  return s;
}

spec::Link link_of(const LayerShape& shape, const Option& o) {
  const spec::WindowParams& w = shape.work.window;
  spec::Link l{.h = w.out_h, .w = w.out_w, .columns = o.f.m, .bits = shape.out_bits};
  l.c = shape.work.lanewise ? w.channels : w.groups * shape.work.kernels;
  l.channels = beat_channels(shape.work, o.f);
  l.is_signed = shape.op != nn::Op::max_pool && shape.steps == 0;
  return l;
}

Amounts array_cost(const LayerShape& shape, const Factors& f, int dsp) {
  return amounts(spec::cost(compute_params(shape, f, dsp)));
}

int64_t most_dsp(const LayerShape& shape, const Factors& f) {
  if (shape.work.lanewise) return 0;
  return spec::most_dsp(compute_params(shape, f, spec::kAllDsp));
}

std::vector<Option> make_options(const LayerShape& shape, const Amounts& limit,
                                 const std::optional<MemoryPort>& memory) {
  return Table(shape, limit, memory).make();
}

FeedCost feed_of(const LayerShape& shape, const Option& o, const spec::Link& in) {
  StoreWork work = shape.work;
  work.in = in;
  work.flatten = shape.op == nn::Op::fc && (in.h > 1 || in.w > 1);
  work.window.in_columns = work.flatten ? 1 : in.columns;
  if (work.flatten) work.window.channels = static_cast<int>(in.beats_per_frame() * in.lanes());
  const spec::WindowParams w = with_factors(work, o.f);
  return {.cost = amounts(spec::feed_cost(in, work.flatten, w)),
          .cycles = std::max(writer_cycles(work, o.f), work.flatten ? engine_cycles(work, o.f) : 0)};
}

}  // namespace elb::arch
