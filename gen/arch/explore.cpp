#include "arch/explore.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <numeric>
#include <thread>

#include "arch/activation_choice.hpp"
#include "arch/memory_choice.hpp"
#include "arch/store_work.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

using nn::Layer;
using nn::Op;

constexpr int kFewSteps = 3;  // so many comparisons are always less than a multiplication

const StageOverride* row_of(const PlanOverrides& rows, const std::string& name) {
  for (const StageOverride& row : rows.stages) {
    if (row.layer == name) return &row;
  }
  return nullptr;
}

std::optional<int> in_range(const std::optional<int>& v, int most) {
  return v && *v >= 1 && *v <= most ? v : std::nullopt;
}

// What the user settled; what no stage could have is left to make_plan, which refuses it.
void apply(const StageOverride& row, LayerShape& shape) {
  const spec::WindowParams& w = shape.work.window;
  shape.fixed.s = in_range(row.s, w.channels);
  shape.fixed.m = in_range(row.m, w.out_w);
  shape.fixed.p = in_range(row.p, shape.work.lanewise ? w.channels : shape.work.kernels);
  if (shape.work.lanewise) {
    shape.fixed.s = shape.fixed.p ? shape.fixed.p : shape.fixed.s;
  } else if (row.l) {
    StoreWork work = shape.work;
    work.l = row.l;
    const int p = shape.fixed.p.value_or(work.kernels);
    if (*row.l <= p && *spec::tile_beats_error(tile_beats(work, {.p = p})) == '\0') shape.work.l = row.l;
  }
  shape.b = row.b;
  shape.band_rows = in_range(row.band_rows, w.out_h);
  shape.weight_slots = row.weight_slots;
  shape.dsp = row.dsp;
  if (shape.weight_bits > 0 && row.weights != Residence::none) shape.weights = row.weights;
  if (shape.steps > 0 &&
      (row.activation == Activation::threshold || (row.activation == Activation::affine && shape.affine))) {
    shape.activation = row.activation;
  }
}

bool windowed(const Layer& layer) {
  return layer.op == Op::conv || layer.op == Op::fc || layer.op == Op::max_pool ||
         layer.op == Op::average_pool;
}

bool is_lanewise(const Layer& layer, const StageOverride* row) {
  if (layer.op == Op::max_pool || layer.op == Op::average_pool) return true;
  return is_depthwise(layer) && !(row && row->engine == Engine::compute);
}

// As make_plan has it for a target.
spec::Link input_link(const nn::Network& net, int64_t cycles) {
  const nn::Shape& in = net.input;
  constexpr int kPixelAtOnce = 16;
  spec::Link l{.h = in.h, .w = in.w, .c = in.c, .bits = net.input_act.bits};
  l.channels = in.c <= kPixelAtOnce ? in.c : 1;
  while (l.channels < in.c && l.beats_per_frame() > cycles) ++l.channels;
  while (l.columns < in.w && l.beats_per_frame() > cycles) ++l.columns;
  return l;
}

// Near enough for what a feed behind it costs.
spec::Link passed_link(const Layer& layer, bool keeps_map, const std::vector<spec::Link>& in) {
  spec::Link l = in[0];
  for (const spec::Link& other : in) {
    if (other.lanes() < l.lanes()) l.columns = other.columns, l.channels = other.channels;
  }
  if (layer.op == Op::flatten && keeps_map) return l;
  l.h = layer.out.h, l.w = layer.out.w, l.c = layer.out.c;
  l.columns = std::min(l.columns, l.w);
  l.channels = layer.op == Op::concat ? std::gcd(l.channels, l.c) : std::min(l.channels, l.c);
  if (layer.act) l.bits = layer.act->bits;
  return l;
}

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
    if (shape.code != spec::WeightCode::integer) continue;
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

}  // namespace

Explorer::Explorer(const Device& device, double clock_mhz, int candidates)
    : memory_(best_port(device, clock_mhz)), candidates_(candidates) {
  for (const Usage& u : fit({}, device).usage) {
    const auto available = static_cast<int64_t>(u.available);
    if (u.name == "lut") budget_.most[kLut] = available;
    if (u.name == "ff") budget_.most[kFf] = available;
    if (u.name == "bram36") budget_.most[kBram18] = 2 * available;
    if (u.name == "dsp") budget_.most[kDsp] = available;
  }
  if (memory_)
    budget_.dram_beats = kUsableBandwidth * double(memory_->timing.beats) / double(memory_->timing.cycles);
}

void Explorer::make_tables(const std::vector<LayerShape>& shapes) {
  std::vector<std::pair<const LayerShape*, std::unique_ptr<OptionTable>*>> missing;
  for (const LayerShape& shape : shapes) {
    const auto [at, is_new] = tables_.try_emplace(shape.key());
    if (is_new) missing.emplace_back(&shape, &at->second);
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < missing.size();) {
      const LayerShape& shape = *missing[i].first;
      *missing[i].second = std::make_unique<OptionTable>(shape, make_options(shape, budget_.most, memory_));
    }
  };
  const size_t threads = std::min<size_t>(missing.size(), std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::future<void>> others;
  for (size_t i = 1; i < threads; ++i) others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& o : others) o.get();
}

std::vector<SearchNode> Explorer::nodes_of(const nn::Network& net, const Goal& goal,
                                           std::vector<int>& layer_of_node) {
  std::vector<SearchNode> nodes;
  nodes.push_back({.table = nullptr, .sources = {}, .link = [&net](const auto&, int64_t cycles) {
                     return input_link(net, cycles);
                   }});
  layer_of_node = {-1};
  std::vector<LayerShape> shapes;
  std::vector<size_t> with_shape;  // nodes
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const Layer& layer = net.layers[i];
    SearchNode node;
    for (const int source : layer.inputs) node.sources.push_back(source + 1);
    if (windowed(layer)) {
      const StageOverride* row = row_of(goal.overrides, layer.name);
      const bool some_steps = layer.has_tail() && layer.act && layer.act->codes() - 1 > kFewSteps;
      const bool known = !layer.steps.empty() && !layer.acc_channel.empty();
      const bool affine = some_steps && (known ? affine_layer(layer).has_value() : goal.assume_affine);
      LayerShape shape =
          layer_shape(layer, net.act_of(layer.inputs[0]), is_lanewise(layer, row), affine, goal.technology);
      shape.work.turns = link_turns(net, static_cast<int>(i));
      if (row) apply(*row, shape);
      shapes.push_back(std::move(shape));
      with_shape.push_back(nodes.size());
    } else {
      const std::vector<int> readers = net.readers_of(static_cast<int>(i));
      const bool keeps_map = std::all_of(readers.begin(), readers.end(), [&](int r) {
        return net.layers[static_cast<size_t>(r)].op == Op::fc;
      });
      node.link = [&layer, keeps_map](const std::vector<spec::Link>& in, int64_t) {
        return passed_link(layer, keeps_map, in);
      };
    }
    nodes.push_back(std::move(node));
    layer_of_node.push_back(static_cast<int>(i));
  }
  make_tables(shapes);
  for (size_t i = 0; i < shapes.size(); ++i) nodes[with_shape[i]].table = tables_.at(shapes[i].key()).get();
  return nodes;
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

Choice Explorer::explore(const nn::Network& net, const Goal& goal) {
  std::vector<int> layer_of_node;
  const std::vector<SearchNode> nodes = nodes_of(net, goal, layer_of_node);
  Search search(nodes, budget_, candidates_);
  Choice choice;
  choice.overrides = goal.overrides;
  choice.for_target = goal.max_cycles.has_value();
  const int least = search.least_possible(), last = search.last_target();
  const auto say_what_binds = [&](const std::array<double, kKinds>& shares) {
    const auto most = std::max_element(shares.begin(), shares.end());
    choice.binds = kKindNames[static_cast<size_t>(most - shares.begin())];
    choice.share = *most;
  };
  std::optional<Selection> found;
  int at = goal.max_cycles ? TargetGrid::index_above(*goal.max_cycles + 1) - 1 : 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].table || !nodes[i].table->options().empty()) continue;
    choice.layer = net.layers[static_cast<size_t>(layer_of_node[i])].name;
    say_what_binds(smallest_shares(nodes[i].table->shape()));
    return choice;
  }
  if (least < 0 || (goal.max_cycles && at < least)) {
    choice.bound_cycles = least < 0 ? 0 : TargetGrid::at(least);
    say_what_binds(search.least_shares(goal.max_cycles ? at : last));
    return choice;
  }
  choice.bound_cycles = least == 0 ? 1 : TargetGrid::at(least - 1) + 1;
  if (goal.max_cycles) {
    found = search.choose(at, goal.reserve);
  } else {
    // Upwards in growing steps until there is a choice, then back to the first that has one.
    int refused = std::max(least, TargetGrid::index_above(goal.least_cycles)) - 1, step = 1;
    at = refused + 1;
    for (; at <= last; at += step, step *= 2) {
      if ((found = search.choose(at, goal.reserve))) break;
      refused = at;
    }
    for (int high = at; found && high - refused > 1;) {
      const int mid = (refused + high) / 2;
      if (std::optional<Selection> better = search.choose(mid, goal.reserve)) {
        found = std::move(better);
        high = at = mid;
      } else {
        refused = mid;
      }
    }
  }
  if (!found) {
    say_what_binds(search.least_shares(goal.max_cycles ? at : last));
    return choice;
  }
  found = search.cheapened(at, goal.reserve, *found);
  std::vector<int> dsp;  // per node
  spend_slices(nodes, budget_.most[kDsp] - goal.reserve[kDsp] - found->used[kDsp], *found, dsp);
  choice.found = true;
  choice.target = TargetGrid::at(at);
  choice.used = found->used;
  std::array<double, kKinds> shares{};
  for (int kind = 0; kind < kKinds; ++kind) {
    const double most = budget_.at(kind, choice.target);
    shares[static_cast<size_t>(kind)] = most > 0 ? double(found->used[kind]) / most : 0;
  }
  say_what_binds(shares);
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (!nodes[i].table) continue;
    const Option& o = nodes[i].table->options()[static_cast<size_t>(found->options[i])];
    choice.cycles = std::max(choice.cycles, o.cycles);
    const std::string& name = net.layers[static_cast<size_t>(layer_of_node[i])].name;
    auto row = std::find_if(choice.overrides.stages.begin(), choice.overrides.stages.end(),
                            [&](const StageOverride& r) { return r.layer == name; });
    if (row == choice.overrides.stages.end()) {
      choice.overrides.stages.push_back({.layer = name, .place = "plan"});
      row = choice.overrides.stages.end() - 1;
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
    if (o.weights == Residence::stream) {
      if (o.band_rows > 0) settle(row->band_rows, o.band_rows);
      if (o.band_rows == 0) settle(row->b, o.b);
      settle(row->weight_slots, o.weight_slots);
    }
  }
  return choice;
}

}  // namespace elb::arch
