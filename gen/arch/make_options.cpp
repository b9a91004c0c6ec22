#include <algorithm>
#include <numeric>

#include "arch/option_cost.hpp"
#include "arch/rates.hpp"
#include "arch/undominated.hpp"
#include "spec/cost.hpp"

namespace elb::arch {
namespace {

constexpr int64_t kBlockWords = 64;       // shallower weights and stores fit LUTs better
constexpr int64_t kMostLogicDepth = 512;  // beyond it no ROM of weights is cheaper in LUTs
constexpr double kStreamedConv = 0.1;
// A move to UltraRAM that spares fewer halves of a block RAM, or fewer per block of it, is not worth a look.
constexpr int64_t kLeastSpared = 2, kSparedPerUram = 1;
// Of a price: weights that are fetched and kept make the board's start longer.
constexpr double kFetched = 0.05;
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

bool includes(const UltraRam& all, const UltraRam& some) {
  return (all.store || !some.store) && (all.weights || !some.weights) && (all.ring || !some.ring);
}

// Where weights are and how they are read; `none`: there are none.
struct Placement {
  Residence weights = Residence::none;
  int b = 1, band_rows = 0, weight_slots = 2;
  bool in_ultra_ram = false;  // or not at all
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
        enough_(quick_ ? targets.low : 0),
        has_ultra_(shape.technology == spec::Technology::xcup && limit[kUram] > 0),
        cost_(shape, memory) {
    if (shape_.work.lanewise) {
      if (shape_.weight_bits == 0)
        placements_ = {{}};
      else if (shape_.weights)
        placements_ = {{.weights = *shape_.weights}};
      else
        placements_ = {{.weights = Residence::rom_block}, {.weights = Residence::rom_logic}};
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
    if (memory_ && has_ultra_ && !shape_.weights && worth_fetching())
      placements_.push_back({.weights = Residence::ram_block, .in_ultra_ram = true});
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

  bool worth_fetching() const {
    const spec::WindowParams& w = shape_.work.window;
    return int64_t{w.groups} * w.channels * spec::taps(w) * shape_.work.kernels * shape_.weight_bits >=
           kWorthStreaming;
  }

  void place_streamed() {
    if (!shape_.weights && !worth_fetching()) return;
    const spec::WindowParams& w = shape_.work.window;
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
      if (p.in_ultra_ram) {
        o.ultra.weights = true;
        o.surcharge = kFetched;
      }
      if (p.weights == Residence::stream) {
        if (p.band_rows > 0) o.surcharge = kStreamedConv;
        o.cycles = std::max(own, cost_.sweeps(o).cycles);
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
        o.cost = cost_.of(o);
        keep_moved(o);
      }
      return true;
    }
    if (!products_can_fit(f)) return false;
    cost_.set_factors(f);
    if (!set_products()) return false;
    for (const Activation a : activations_) {
      cost_.set_activation(a);
      for (Option o : options) {
        o.activation = a;
        o.cost = cost_.of(o);
        keep_moved(o);
      }
    }
    return true;
  }

  // The option just priced, with nothing in UltraRAM, and with one thing after the other there, first what
  // spares most block RAM per block of it.
  void keep_moved(Option o) {
    const bool needs_weights = o.ultra.weights;
    o.ultra = {};
    std::vector<OptionCost::Move> moves = cost_.moves();
    if (shape_.ultra) {
      for (const OptionCost::Move& m : moves) {
        if (includes(*shape_.ultra, m.what)) move(o, m);
      }
      o.ultra = *shape_.ultra;
      return keep(o);
    }
    if (!needs_weights) keep(o);
    if (!has_ultra_) return;
    const auto spared = [](const OptionCost::Move& m) { return -m.more[kBram18]; };
    std::erase_if(moves, [&](const OptionCost::Move& m) {
      return spared(m) < std::max(kLeastSpared, kSparedPerUram * m.more[kUram]);
    });
    std::stable_sort(moves.begin(), moves.end(), [&](const OptionCost::Move& a, const OptionCost::Move& b) {
      return spared(a) * b.more[kUram] > spared(b) * a.more[kUram];
    });
    if (needs_weights)
      std::stable_partition(moves.begin(), moves.end(), [](const auto& m) { return m.what.weights; });
    for (const OptionCost::Move& m : moves) {
      move(o, m);
      if (o.ultra.weights || !needs_weights) keep(o);
    }
  }

  static void move(Option& o, const OptionCost::Move& m) {
    o.ultra.store |= m.what.store;
    o.ultra.weights |= m.what.weights;
    o.ultra.ring |= m.what.ring;
    for (size_t kind = 0; kind < kKinds; ++kind) o.cost[kind] += m.more[kind];
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
    const spec::ComputeParams& array = cost_.array();
    products_ = {{.dsp = array.dsp, .more = {}}};
    bool fits = within(cost_.of_array(), limit_);
    const int64_t most = shape_.dsp ? 0 : spec::most_dsp(array), units = most / array.s;
    if (most > 0 && shape_.code != spec::WeightCode::integer) {
      offer(spec::kMostDsp);  // accumulators: all or none
      return fits;
    }
    int64_t last = most;
    const int parts = array.s > kFewInputs ? kPartsOfMany : kPartsOfFew;
    for (int part = parts - 1; part >= 0 && most > 0; --part) {
      // As many of every dot product, so that all are alike.
      const int64_t dsp = units * (int64_t{array.s} * part / parts);
      if (dsp == last) continue;
      last = dsp;
      fits = offer(static_cast<int>(dsp)) || fits;
    }
    return fits;
  }

  // Whether the array with so many slices fits alone.
  bool offer(int dsp) {
    spec::ComputeParams array = cost_.array();
    array.dsp = dsp;
    const Amounts cost = amounts(spec::cost(array)), &without = cost_.of_array();
    Products p{.dsp = dsp, .more = {}};
    for (size_t kind = 0; kind < kKinds; ++kind) p.more[kind] = cost[kind] - without[kind];
    products_.push_back(p);
    return within(cost, limit_);
  }

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
    RateClasses classes(shape_);
    std::vector<Amounts> costs;
    std::vector<int> rates;
    for (const Option& o : all_) {
      costs.push_back(o.cost);
      rates.push_back(classes.of(o.f));
    }
    const RateOrder by_rate = classes.at(targets_);
    Undominated undominated(costs, &by_rate);
    std::vector<Option> kept;
    for (const int i : order) {  // those before it take no more cycles
      const Option& o = all_[static_cast<size_t>(i)];
      const int rate = by_rate.number[static_cast<size_t>(rates[static_cast<size_t>(i)])];
      if (rate != RateOrder::kTooSlow && undominated.offer(o.cost, rate)) kept.push_back(o);
    }
    return kept;
  }

  const LayerShape& shape_;
  const Amounts& limit_;
  const std::optional<MemoryPort>& memory_;
  const bool quick_;
  const Targets targets_;
  const int64_t enough_;  // cycles; factors that reach them are not made greater
  const bool has_ultra_;
  std::vector<Placement> placements_;
  std::vector<Activation> activations_;
  OptionCost cost_;
  struct Products {
    int dsp;
    Amounts more;  // than array_ takes
  };
  std::vector<Products> products_;  // of the factors under way
  std::vector<Option> all_;
};

}  // namespace

std::vector<Option> make_options(const LayerShape& shape, const Amounts& limit,
                                 const std::optional<MemoryPort>& memory, const Targets& targets,
                                 Effort effort) {
  return Table(shape, limit, memory, targets, effort).make();
}

}  // namespace elb::arch
