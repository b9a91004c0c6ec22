#include "arch/explore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <map>
#include <thread>

#include "arch/memory_choice.hpp"
#include "arch/search_nodes.hpp"

namespace elb::arch {
namespace {

// Options of a stage that are tried together with those of another one.
constexpr int kCandidates = 8;

// Slices that are left go to the arrays that pay most LUTs for products without one.
void spend_slices(const std::vector<SearchNode>& nodes, int64_t left, Selection& s, std::vector<int>& dsp) {
  struct Array {
    size_t node;
    int most;
    double luts_a_slice;
  };
  std::vector<Array> arrays;
  for (size_t i = 0; i < nodes.size(); ++i) {
    dsp.push_back(spec::kAllDsp);
    if (!nodes[i].table) continue;
    const LayerShape& shape = nodes[i].table->shape();
    const Option& o = nodes[i].table->options()[static_cast<size_t>(s.options[i])];
    dsp[i] = o.dsp;
    if (left <= 0 || shape.code != spec::WeightCode::integer) continue;
    const auto most = static_cast<int>(most_dsp(shape, o.f));
    if (shape.dsp || o.dsp == spec::kAllDsp || o.dsp >= most) continue;
    const int64_t luts = array_cost(shape, o.f, o.dsp)[kLut] - array_cost(shape, o.f, most)[kLut];
    arrays.push_back({.node = i, .most = most, .luts_a_slice = double(luts) / (most - o.dsp)});
  }
  std::stable_sort(arrays.begin(), arrays.end(),
                   [](const Array& a, const Array& b) { return a.luts_a_slice > b.luts_a_slice; });
  for (const Array& a : arrays) {
    const int more = static_cast<int>(std::min<int64_t>(left, a.most - dsp[a.node]));
    if (more <= 0 || a.luts_a_slice <= 0) continue;
    const SearchNode& node = nodes[a.node];
    const Factors& f = node.table->options()[static_cast<size_t>(s.options[a.node])].f;
    const Amounts before = array_cost(node.table->shape(), f, dsp[a.node]);
    dsp[a.node] += more;
    const Amounts after = array_cost(node.table->shape(), f, dsp[a.node]);
    for (size_t kind = 0; kind < kKinds; ++kind) s.used[kind] += after[kind] - before[kind];
    left -= after[kDsp] - before[kDsp];
  }
}

Budget budget_of(const Device& device, const std::optional<MemoryPort>& memory) {
  Budget budget;
  PlanCost nothing;
  nothing.has_uram = true;
  for (const Usage& u : fit(nothing, device).usage) {
    const auto available = static_cast<int64_t>(u.available);
    if (u.name == "lut") budget.most[kLut] = available;
    if (u.name == "ff") budget.most[kFf] = available;
    if (u.name == "bram36") budget.most[kBram18] = 2 * available;
    if (u.name == "dsp") budget.most[kDsp] = available;
    if (u.name == "uram") budget.most[kUram] = available;
  }
  if (memory)
    budget.dram_beats = kUsableBandwidth * double(memory->timing.beats) / double(memory->timing.cycles);
  return budget;
}

}  // namespace

Explorer::Explorer(const Device& device, double clock_mhz, Effort effort, int threads)
    : memory_(best_port(device, clock_mhz)),
      budget_(budget_of(device, memory_)),
      effort_(effort),
      threads_(threads > 0 ? static_cast<size_t>(threads)
                           : std::max(1U, std::thread::hardware_concurrency())),
      rooflines_(budget_) {}

std::vector<OptionTable*> Explorer::tables(const std::vector<LayerShape>& shapes, const TargetWindow& window,
                                           Effort effort) {
  std::vector<std::unique_ptr<OptionTable>*> all;
  std::vector<size_t> missing;
  for (size_t i = 0; i < shapes.size(); ++i) {
    const auto [at, is_new] = tables_.try_emplace(
        fmt::format("{} {} {}", static_cast<int>(effort), window.number, shapes[i].key()));
    all.push_back(&at->second);
    if (is_new) missing.push_back(i);
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < missing.size();) {
      const LayerShape& shape = shapes[missing[i]];
      *all[missing[i]] = std::make_unique<OptionTable>(
          shape, make_options(shape, budget_.most, memory_, window.targets(), effort));
    }
  };
  const size_t threads = std::min(missing.size(), threads_);
  std::vector<std::future<void>> others;
  for (size_t i = 1; i < threads; ++i) others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& o : others) o.get();
  std::vector<OptionTable*> tables;
  for (const std::unique_ptr<OptionTable>* t : all) tables.push_back(t->get());
  return tables;
}

std::array<double, kKinds> Explorer::smallest_shares(LayerShape shape) const {
  for (std::optional<int>* factor : {&shape.fixed.p, &shape.fixed.s, &shape.fixed.m})
    *factor = factor->value_or(1);
  Amounts all;
  all.fill(INT64_MAX);
  std::array<double, kKinds> best{};
  double least = -1;
  for (const Option& o : make_options(shape, all, memory_)) {
    std::array<double, kKinds> shares{};
    for (int kind = 0; kind < kDram; ++kind) {
      const auto cost = double(o.cost[kind]), most = double(budget_.most[kind]);
      shares[static_cast<size_t>(kind)] = most >= 1 ? cost / most : cost > 0 ? 1 + cost : 0;
    }
    const double most = *std::max_element(shares.begin(), shares.end());
    if (least < 0 || most < least) least = most, best = shares;
  }
  return best;
}

// One network and goal on their way to a choice.
class Exploration {
 public:
  Exploration(Explorer& explorer, const nn::Network& net, const Goal& goal, Effort effort)
      : explorer_(explorer),
        net_(net),
        goal_(goal),
        effort_(effort),
        nodes_(network_nodes(net, goal.overrides, goal.technology, goal.assume_affine)) {
    choice_.overrides = goal.overrides;
    choice_.for_target = goal.max_cycles.has_value();
    choice_.roofline = explorer.rooflines_.of(net, goal.technology);
    for (const LayerShape& s : nodes_.shapes) {
      const Factors one{.p = 1, .s = 1, .m = 1};
      const Factors all{.p = s.work.kernels, .s = s.work.window.channels, .m = s.work.window.out_w};
      slowest_ = std::max(slowest_, engine_cycles(s.work, one));
      fewest_ = std::max(fewest_, engine_cycles(s.work, all));
    }
  }

  Choice run() {
    const std::optional<int> least = least_possible();
    if (!least) {
      refuse_at(last_window().last());
      return std::move(choice_);
    }
    choice_.bound_cycles = *least == 0 ? 1 : TargetGrid::at(*least - 1) + 1;
    if (goal_.max_cycles) {
      at_ = TargetGrid::index_above(*goal_.max_cycles + 1) - 1;
      window_ = TargetWindow::around(at_);
      if (at_ >= *least) find_at_most(*least);
    } else {
      find_fewest(*least);
    }
    if (found_) {
      settle();
    } else {
      refuse_at(at_);
    }
    return std::move(choice_);
  }

 private:
  static constexpr double kExpected = 1.7;  // times the roofline: what most plans reach
  // Where the memory is the limit a frame may take much longer than its slowest stage could.
  static constexpr int kOctavesBeyond = 4;

  TargetWindow last_window() const {
    return TargetWindow::around(TargetGrid::index_above(slowest_) + kOctavesBeyond * TargetGrid::kPerOctave);
  }

  // Of the window under way.
  Search& search() {
    const auto [at, is_new] = searches_.try_emplace(window_.number);
    if (is_new) {
      std::vector<SearchNode> nodes = nodes_.nodes;
      const std::vector<OptionTable*> tables = explorer_.tables(nodes_.shapes, window_, effort_);
      for (size_t i = 0; i < tables.size(); ++i) nodes[nodes_.with_shape[i]].table = tables[i];
      at->second = std::make_unique<Search>(std::move(nodes), explorer_.budget_,
                                            effort_ == Effort::thorough ? kCandidates : 0, window_.first(),
                                            window_.last());
    }
    return *at->second;
  }

  // Whether the bound lets any target be met. Few options tell it sooner than many, where they meet one.
  bool possible() {
    if (effort_ == Effort::thorough && Exploration(explorer_, net_, goal_, Effort::quick).possible())
      return true;
    const TargetWindow now = window_;
    window_ = last_window();
    const bool met = search().least_possible().has_value();
    window_ = now;
    return met;
  }

  // The least target that the bound does not refuse.
  std::optional<int> least_possible() {
    const double expected = std::max(kExpected * choice_.roofline.cycles, double(fewest_));
    const int last = last_window().number;
    constexpr int kOctave = TargetGrid::kPerOctave / TargetWindow::kStep;
    window_ = TargetWindow::around(TargetGrid::index_above(static_cast<int64_t>(std::ceil(expected))));
    window_.number = std::min(window_.number, last);
    std::optional<int> least = search().least_possible();
    while (least == window_.first() && window_.number > 0) {
      const int above = window_.number;
      window_.number = std::max(0, above - kOctave);
      const std::optional<int> lower = search().least_possible();
      if (lower) least = lower;
      if (!lower || *lower > window_.first()) return least;
    }
    if (least || !possible()) return least;
    while (!least && window_.number < last) {
      window_.number = std::min(last, window_.number + kOctave);
      least = search().least_possible();
    }
    return least;
  }

  std::optional<Selection> choose(int k) {
    if (!window_.contains(k)) window_ = TargetWindow::from(k);
    return search().choose(k, goal_.reserve);
  }

  // A choice at the goal's target; where the search knows of none there, at the next lower one with one: its
  // links may suit the readers better.
  void find_at_most(int least) {
    const int wanted = at_;
    int refused = wanted, low = wanted;
    for (int step = 1; !(found_ = choose(low)) && low > least; step *= 2) {
      refused = low;
      low = std::max(least, low - step);
    }
    if (!found_) return;
    choice_.lowered = low < wanted;
    for (at_ = low; refused - at_ > 1;) {
      const int mid = (at_ + refused) / 2;
      const TargetWindow window = window_;
      if (std::optional<Selection> nearer = choose(mid)) {
        found_ = std::move(nearer);
        at_ = mid;
      } else {
        refused = mid;
        window_ = window;
      }
    }
  }

  // Upwards in growing steps until there is a choice, then back to the first that has one.
  void find_fewest(int least) {
    const int last = last_window().last();
    int refused = std::max(least, TargetGrid::index_above(goal_.least_cycles)) - 1, step = 1;
    for (at_ = refused + 1; at_ <= last; at_ += step, step *= 2) {
      if ((found_ = choose(at_))) break;
      refused = at_;
    }
    for (int high = at_; found_ && high - refused > 1;) {
      const int mid = (refused + high) / 2;
      const TargetWindow window = window_;
      if (std::optional<Selection> better = choose(mid)) {
        found_ = std::move(better);
        high = at_ = mid;
      } else {
        refused = mid;
        window_ = window;
      }
    }
  }

  void say_what_binds(const std::array<double, kKinds>& shares) {
    const auto most = std::max_element(shares.begin(), shares.end());
    choice_.binds = kKindNames[static_cast<size_t>(most - shares.begin())];
    choice_.share = *most;
  }

  void refuse_at(int k) {
    if (!window_.contains(k)) window_ = TargetWindow::around(k);
    const std::vector<SearchNode>& nodes = search().nodes();
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (!nodes[i].table || nodes[i].table->least(TargetGrid::at(k))) continue;
      choice_.layer = net_.layers[i - 1].name;
      return say_what_binds(explorer_.smallest_shares(nodes[i].table->shape()));
    }
    say_what_binds(search().least_shares(k));
  }

  void settle();

  Explorer& explorer_;
  const nn::Network& net_;
  const Goal& goal_;
  Effort effort_;
  NetworkNodes nodes_;
  // Cycles of the slowest layer, with the smallest and the largest factors.
  int64_t slowest_ = 1, fewest_ = 1;
  TargetWindow window_;
  std::map<int, std::unique_ptr<Search>> searches_;
  int at_ = 0;
  std::optional<Selection> found_;
  Choice choice_;
};

// The rows of a plan.
void Exploration::settle() {
  const std::vector<SearchNode>& nodes = search().nodes();
  const Budget& budget = explorer_.budget_;
  found_ = search().cheapened(at_, goal_.reserve, *found_);
  std::vector<int> dsp;  // per node
  const int64_t left = budget.most[kDsp] - goal_.reserve[kDsp] - found_->used[kDsp];
  spend_slices(nodes, effort_ == Effort::thorough ? left : 0, *found_, dsp);
  choice_.found = true;
  choice_.target = TargetGrid::at(at_);
  choice_.used = found_->used;
  std::array<double, kKinds> shares{};
  for (int kind = 0; kind < kKinds; ++kind) {
    const double most = budget.at(kind, choice_.target);
    shares[static_cast<size_t>(kind)] = most > 0 ? double(found_->used[kind]) / most : 0;
  }
  say_what_binds(shares);
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].table) continue;
    const Option& o = nodes[i].table->options()[static_cast<size_t>(found_->options[i])];
    choice_.cycles = std::max(choice_.cycles, o.cycles);
    const std::string& name = net_.layers[i - 1].name;
    auto row = std::find_if(choice_.overrides.stages.begin(), choice_.overrides.stages.end(),
                            [&](const StageOverride& r) { return r.layer == name; });
    if (row == choice_.overrides.stages.end()) {
      choice_.overrides.stages.push_back({.layer = name, .place = "plan"});
      row = choice_.overrides.stages.end() - 1;
    }
    const auto settle = [](auto& field, auto value) {
      if (!field) field = value;
    };
    settle(row->p, o.f.p);
    settle(row->s, o.f.s);
    settle(row->m, o.f.m);
    if (dsp[i] != spec::kAllDsp) settle(row->dsp, dsp[i]);
    if (o.weights != Residence::none) settle(row->weights, o.weights);
    if (o.activation != Activation::none) settle(row->activation, o.activation);
    if (o.ultra.any()) settle(row->ultra, o.ultra);
    if (o.weights == Residence::stream) {
      if (o.band_rows > 0) settle(row->band_rows, o.band_rows);
      if (o.band_rows == 0) settle(row->b, o.b);
      settle(row->weight_slots, o.weight_slots);
    }
  }
}

Choice Explorer::explore(const nn::Network& net, const Goal& goal) {
  return Exploration(*this, net, goal, effort_).run();
}

}  // namespace elb::arch
