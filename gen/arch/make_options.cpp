#include <algorithm>
#include <map>
#include <numeric>

#include "arch/buffers.hpp"
#include "arch/options.hpp"
#include "arch/stage_specs.hpp"
#include "arch/sweep_buffers.hpp"
#include "arch/undominated.hpp"
#include "spec/cost.hpp"
#include "spec/lanewise.hpp"

namespace elb::arch {
namespace {

constexpr int64_t kBlockWords = 64;       // shallower weights and stores fit LUTs better
constexpr int64_t kMostLogicDepth = 512;  // beyond it no ROM of weights is cheaper in LUTs
constexpr double kStreamedConv = 0.1;
constexpr int64_t kWorthStreaming = 4 * 36864;  // bits of weights; fewer are no burden on chip

// Integer arrays: every S is a tree to be planned.
constexpr double kNextIntegerInputs = 1.25;
// DSP slices make all products, none, or some of the parts between: of more than a few inputs a half, since
// slices that are left are dealt out one by one (explore).
constexpr int kFewInputs = 8;
constexpr int kPartsOfFew = 4, kPartsOfMany = 2;

// A layer with many factors in both directions has products of every size: of near neighbours one will do.
constexpr size_t kFineGrid = 2500;
constexpr double kNextFactor = 1.1, kNextQuickInputs = 1.4;
// A factor more than needed may take less: memories come in steps.
constexpr double kSpare = 1.3;

// Of factors of n within a ratio of `next` the one that wastes least.
std::vector<int> spread(const std::vector<int>& ascending, int n, double next) {
  const auto waste = [&](int f) { return ceil_div(n, f) * f; };
  std::vector<int> kept;
  double end = 0;
  for (const int f : ascending) {
    if (f >= end) {
      kept.push_back(f), end = f * next;
    } else if (waste(f) <= waste(kept.back())) {
      kept.back() = f;
    }
  }
  return kept;
}

bool within(const Amounts& a, const Amounts& limit) {
  for (int k = 0; k < kDram; ++k) {
    if (a[k] > limit[k]) return false;
  }
  return true;
}

// Where weights are and how they are read; `none`: there are none.
struct Placement {
  Residence weights = Residence::none;
  int b = 1, band_rows = 0, weight_slots = 2;
};

// Whether factors are still too slow for the fastest target, by placement: then the next greater ones are of
// use, else they only take more.
class Pace {
 public:
  explicit Pace(size_t placements) : cycles_(placements, INT64_MAX) {}
  void set(size_t placement, int64_t cycles) { cycles_[placement] = cycles; }
  bool slower(size_t placement, int64_t than) const { return cycles_[placement] > than; }
  bool any_slower(int64_t than) const {
    return std::any_of(cycles_.begin(), cycles_.end(), [&](int64_t c) { return c > than; });
  }

 private:
  std::vector<int64_t> cycles_;
};

class Table {
 public:
  Table(const LayerShape& shape, const Amounts& limit, const std::optional<MemoryPort>& memory,
        const Targets& targets, Effort effort)
      : shape_(shape),
        limit_(limit),
        memory_(memory),
        quick_(effort == Effort::quick),
        targets_(targets),
        enough_(static_cast<int64_t>(static_cast<double>(targets.low) / (quick_ ? 1 : kSpare))) {
    if (shape_.work.lanewise) {
      const bool has_weights = shape_.weight_bits > 0;
      placements_ = {
          {.weights = has_weights ? shape_.weights.value_or(Residence::rom_block) : Residence::none}};
      return;
    }
    activations_ = {Activation::raw};
    if (shape_.steps > 0) {
      activations_ = {Activation::threshold};
      if (shape_.affine) activations_.push_back(Activation::affine);
      if (shape_.activation) activations_ = {*shape_.activation};
    }
    for (const Residence r :
         {Residence::rom_block, Residence::rom_logic, Residence::ram_block, Residence::ram_distributed}) {
      if (allowed(r)) placements_.push_back({.weights = r});
    }
    if (memory_ && allowed(Residence::stream)) place_streamed();
  }

  std::vector<Option> make() {
    const StoreWork& work = shape_.work;
    const std::vector<int> inputs = factor_candidates(shape_.fixed.s, work.window.channels);
    const std::vector<int> kernels = factor_candidates(shape_.fixed.p, work.kernels);
    std::vector<int> all_s = thinned(inputs, work.window.channels, kernels.size(), kNextQuickInputs);
    if (shape_.code == spec::WeightCode::integer && !shape_.fixed.s) {
      std::erase_if(all_s, [](int s) { return s > kMostIntegerInputs; });
      all_s = spread(all_s, work.window.channels, kNextIntegerInputs);
    }
    const std::vector<int> all_p = thinned(kernels, work.kernels, inputs.size(), kNextFactor);
    Pace fewer_columns(placements_.size());
    for (const int m : factor_candidates(shape_.fixed.m, work.window.out_w)) {
      capacity_ = 0;
      band_capacity_.clear();
      Pace fewer_inputs = fewer_columns;
      bool first = true;
      for (const int s : work.lanewise ? inputs : all_s) {
        fewer_inputs =
            work.lanewise ? add_kernels({s}, s, m, fewer_inputs) : add_kernels(all_p, s, m, fewer_inputs);
        if (first) fewer_columns = fewer_inputs;
        first = false;
        if (!fewer_inputs.any_slower(enough_)) break;
      }
      if (!fewer_columns.any_slower(enough_)) break;
    }
    return prune();
  }

 private:
  // Factors of n, another direction having so many.
  std::vector<int> thinned(const std::vector<int>& ascending, int n, size_t others, double quick_next) const {
    if (quick_) return spread(ascending, n, quick_next);
    return ascending.size() * others <= kFineGrid ? ascending : spread(ascending, n, kNextFactor);
  }

  bool allowed(Residence r) const {
    if (shape_.weights) return *shape_.weights == r;
    return r != Residence::ram_block && r != Residence::ram_distributed;
  }

  void place_streamed() {
    const spec::WindowParams& w = shape_.work.window;
    const int64_t bits =
        int64_t{w.groups} * w.channels * spec::taps(w) * shape_.work.kernels * shape_.weight_bits;
    if (!shape_.weights && bits < kWorthStreaming) return;
    const auto either = [&](const std::optional<int>& fixed, std::vector<int> values,
                            std::vector<int> quick) {
      return fixed ? std::vector<int>{*fixed} : std::move(quick_ ? quick : values);
    };
    Placement p{.weights = Residence::stream};
    if (shape_.op == nn::Op::fc) {
      for (const int b : either(shape_.b, {1, 2, 4, 8}, {1, 4, 8})) {
        for (const int slots : either(shape_.weight_slots, {2, 4}, {2})) {
          p.b = b, p.weight_slots = slots;
          placements_.push_back(p);
        }
      }
      return;
    }
    p.weight_slots = shape_.weight_slots.value_or(2);
    for (const int bands : either({}, {1, 2, 3, 4, 6, 8, 12, 16}, {1, 2, 4, 8, 16})) {
      const int last = p.band_rows;
      p.band_rows = shape_.band_rows.value_or(static_cast<int>(ceil_div(w.out_h, bands)));
      if (p.band_rows != last) placements_.push_back(p);
    }
  }

  // The kernels that some target has a use for, given the pace with fewer inputs or columns. Returns that
  // with the fewest kernels.
  Pace add_kernels(const std::vector<int>& all_p, int s, int m, const Pace& fewer) {
    Pace pace = fewer, least(placements_.size());
    const int64_t writer = slowest_writer(s);
    bool first = true;
    for (const int p : all_p) {
      const Factors f{.p = p, .s = s, .m = m};
      if (*spec::tile_beats_error(tile_beats(shape_.work, f)) != '\0') continue;
      const int64_t own = engine_cycles(shape_.work, f);
      if (own <= targets_.high) {
        const std::vector<Option> options = placed(f, own, writer, pace);
        if (!options.empty() && !add(f, options)) break;  // more kernels never take less
      }
      if (first) least = pace;
      first = false;
      if (!pace.any_slower(enough_)) break;
    }
    return least;
  }

  // The options with these factors that some target has a use for, without costs.
  std::vector<Option> placed(const Factors& f, int64_t own, int64_t writer, Pace& pace) const {
    const spec::WindowParams w = with_factors(shape_.work, f);
    const int64_t depth = int64_t{w.groups} * ceil_div(shape_.work.kernels, f.p) * spec::folds(w);
    std::vector<Option> options;
    int64_t last = 0;  // with the placement before
    for (size_t i = 0; i < placements_.size(); ++i) {
      const Placement& p = placements_[i];
      Option o{.f = f,
               .weights = p.weights,
               .b = p.b,
               .band_rows = p.band_rows,
               .weight_slots = p.weight_slots,
               .cycles = own};
      if (!shape_.weights && p.weights == Residence::rom_block && depth < kBlockWords / 4) {
        pace.set(i, 0);  // nor with more kernels
        continue;
      }
      if (!shape_.weights && p.weights == Residence::rom_logic && depth > kMostLogicDepth) continue;
      bool offered = true;
      if (p.weights == Residence::stream) {
        if (p.band_rows > 0) o.surcharge = kStreamedConv;
        o.cycles = std::max(own, sweeps_of(o).cycles);
        // More slots than are of use.
        offered = i == 0 || placements_[i - 1].b != p.b || p.band_rows > 0 || last > own ||
                  placements_[i - 1].weights != Residence::stream;
        last = o.cycles;
      }
      if (offered && o.cycles <= targets_.high && pace.slower(i, enough_)) options.push_back(o);
      pace.set(i, std::max(o.cycles, writer));
    }
    return options;
  }

  // Cycles in which a store of this width is written, if its columns come one by one.
  int64_t slowest_writer(int s) const {
    const spec::WindowParams& w = shape_.work.window;
    return int64_t{w.h} * w.w * w.groups * ceil_div(w.channels, s);
  }

  // False where no option with these factors could fit, since the array alone does not.
  bool add(const Factors& f, const std::vector<Option>& options) {
    if (shape_.work.lanewise) {
      products_ = {{.dsp = spec::kAllDsp, .more = {}}};
      for (Option o : options) {
        o.activation = shape_.steps > 0 ? Activation::threshold : Activation::none;
        o.cost = amounts(lanewise_cost(o));
        keep(o);
      }
      return true;
    }
    if (!products_can_fit(f)) return false;
    compute_ = array_params(shape_, f, shape_.dsp.value_or(spec::kAllDsp));
    array_ = spec::cost(compute_);
    if (!set_products()) return false;
    for (const Activation a : activations_) {
      activation_ =
          activation(a, f, shape_.work.window.groups * spec::beats_of_group(tile_beats(shape_.work, f)));
      array_and_activation_ = array_ + spec::cost(activation_);
      for (Option o : options) {
        o.activation = a;
        const int64_t beats = o.weights == Residence::stream ? sweeps_of(o).beats : 0;
        o.cost = amounts(compute_cost(o), beats);
        keep(o);
      }
    }
    return true;
  }

  // Of weights that are swept: the cycles per frame, the engine's left aside, and the beats of the memory.
  struct Sweeps {
    int64_t cycles, beats;
  };
  Sweeps sweeps_of(const Option& o) const {
    const spec::WindowParams w = with_factors(shape_.work, o.f);
    const spec::FetchParams fetch = fetch_params(o);
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

  spec::ActivationParams activation(Activation kind, const Factors& f, int tiles) const {
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
      s.activation = activation(o.activation, o.f, static_cast<int>(ceil_div(s.window.channels, o.f.s)));
    s.tile_cycles = tile_cycles(shape_.work, o.f);
    s.fifo_depth = 2 + static_cast<int>(ceil_div(12, s.tile_cycles));
    s.store = store_style(s.window);
    return spec::cost_behind_feed(s);
  }

  // ---- what is kept ----

  void keep(Option o) {
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
  const bool quick_;
  const Targets targets_;
  const int64_t enough_;  // cycles; factors that reach them are not made greater
  std::vector<Placement> placements_;
  std::vector<Activation> activations_;
  int capacity_ = 0;
  std::map<std::pair<int, int>, int> band_capacity_;
  // Of the factors under way.
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

}  // namespace

std::vector<Option> make_options(const LayerShape& shape, const Amounts& limit,
                                 const std::optional<MemoryPort>& memory, const Targets& targets,
                                 Effort effort) {
  return Table(shape, limit, memory, targets, effort).make();
}

}  // namespace elb::arch
