#include "arch/selection.hpp"

#include <algorithm>
#include <cmath>

namespace elb::arch {
namespace {

constexpr double kLatePenalty = 1e3;
constexpr double kLeastGain = 1e-9;
// From where the shares lie to where only the greatest counts.
constexpr int kFirstSharpness = 3, kLastSharpness = 7;

Amounts& operator+=(Amounts& a, const Amounts& b) {
  for (size_t kind = 0; kind < kKinds; ++kind) a[kind] += b[kind];
  return a;
}
Amounts& operator-=(Amounts& a, const Amounts& b) {
  for (size_t kind = 0; kind < kKinds; ++kind) a[kind] -= b[kind];
  return a;
}

}  // namespace

SelectionWalk::SelectionWalk(const std::vector<SearchNode>& nodes, int k, const Weights& per_unit)
    : nodes_(nodes), k_(k), cycles_(TargetGrid::at(k)), per_unit_(per_unit) {
  passing_.resize(nodes_.size());
  readers_.resize(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].table) tables_.push_back(i);
    std::vector<bool> carries(nodes_.size());
    carries[i] = true;
    for (size_t j = i + 1; j < nodes_.size(); ++j) {
      if (std::none_of(nodes_[j].sources.begin(), nodes_[j].sources.end(),
                       [&](int s) { return carries[static_cast<size_t>(s)]; }))
        continue;
      if (nodes_[j].table) {
        readers_[i].push_back(j);
      } else {
        carries[j] = true;
        passing_[i].push_back(j);
      }
    }
  }
}

double SelectionWalk::value(const Totals& t, const Measure& m) const {
  double sum = 0;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    double share = per_unit_[kind] * double(t.used[kind]);
    if (m.price) {
      sum += share > 1 ? kLatePenalty * share : share;
      continue;
    }
    for (int i = 0; i < m.sharpness; ++i) share *= share;
    sum += share;
  }
  return sum + (m.price ? t.surcharge : 0) + kLatePenalty * t.late;
}

bool SelectionWalk::within(const Totals& t) const {
  if (t.late > 0) return false;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (per_unit_[kind] * double(t.used[kind]) > 1) return false;
  }
  return true;
}

double SelectionWalk::price() const {
  double sum = surcharge_;
  for (size_t kind = 0; kind < kKinds; ++kind) sum += per_unit_[kind] * double(used_[kind]);
  return sum;
}

void SelectionWalk::pass_links(size_t node) {
  for (const size_t j : passing_[node]) {
    std::vector<spec::Link> in;
    for (const int source : nodes_[j].sources) in.push_back(links_[static_cast<size_t>(source)]);
    links_[j] = nodes_[j].link(in, cycles_);
  }
}

SelectionWalk::Tail SelectionWalk::tail(size_t node) const {
  Tail t;
  for (const size_t j : readers_[node]) {
    if (options_[j] < 0) continue;
    OptionTable& table = *nodes_[j].table;
    const FeedCost& f =
        table.feed(options_[j], table.feeding(links_[static_cast<size_t>(nodes_[j].sources[0])]));
    t.cost += f.cost;
    t.late += lateness(f.cycles);
  }
  return t;
}

void SelectionWalk::start(const Weights& weights) {
  links_.assign(nodes_.size(), {});
  options_.assign(nodes_.size(), -1);
  used_ = {};
  surcharge_ = late_ = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const SearchNode& node = nodes_[i];
    if (!node.table) {
      std::vector<spec::Link> in;
      for (const int source : node.sources) in.push_back(links_[static_cast<size_t>(source)]);
      links_[i] = node.link(in, cycles_);
      continue;
    }
    const int from = node.table->feeding(links_[static_cast<size_t>(node.sources[0])]);
    const Front& front = node.table->front(k_);
    double least = 0;
    for (size_t j = 0; j < front.options.size(); ++j) {
      const int o = front.options[j];
      const FeedCost& feed = node.table->feed(o, from);
      double score = kLatePenalty * lateness(feed.cycles);
      for (size_t kind = 0; kind < kKinds; ++kind)
        score += weights[kind] * per_unit_[kind] * (front.costs[j][kind] + double(feed.cost[kind]));
      if (options_[i] < 0 || score < least) least = score, options_[i] = o;
    }
    const FeedCost& feed = node.table->feed(options_[i], from);
    const Option& o = node.table->options()[static_cast<size_t>(options_[i])];
    used_ += o.cost;
    used_ += feed.cost;
    surcharge_ += o.surcharge;
    late_ += lateness(feed.cycles);
    links_[i] = node.table->links()[static_cast<size_t>(node.table->link_of_option(options_[i]))];
  }
}

void SelectionWalk::set(size_t i, int option) {
  OptionTable& table = *nodes_[i].table;
  const int from = table.feeding(links_[static_cast<size_t>(nodes_[i].sources[0])]);
  const auto count = [&](int sign) {
    const Option& o = table.options()[static_cast<size_t>(options_[i])];
    const FeedCost& feed = table.feed(options_[i], from);
    const Tail behind = tail(i);
    for (const Amounts& a : {o.cost, feed.cost, behind.cost}) sign > 0 ? used_ += a : used_ -= a;
    surcharge_ += sign * o.surcharge;
    late_ += sign * (lateness(feed.cycles) + behind.late);
  };
  count(-1);
  options_[i] = option;
  links_[i] = table.links()[static_cast<size_t>(table.link_of_option(option))];
  pass_links(i);
  count(1);
  if (late_ < kLeastGain) late_ = 0;
}

SelectionWalk::Ranked SelectionWalk::best(size_t i, const Measure& m, std::vector<Ranked>* all) {
  OptionTable& table = *nodes_[i].table;
  const int from = table.feeding(links_[static_cast<size_t>(nodes_[i].sources[0])]);
  const Option& now = table.options()[static_cast<size_t>(options_[i])];
  Totals others = totals();
  {
    const FeedCost& feed = table.feed(options_[i], from);
    const Tail behind = tail(i);
    others.used -= now.cost;
    others.used -= feed.cost;
    others.used -= behind.cost;
    others.surcharge -= now.surcharge;
    others.late -= lateness(feed.cycles) + behind.late;
    if (others.late < kLeastGain) others.late = 0;
  }
  std::vector<std::pair<bool, Tail>> tails(table.links().size());
  const Front& front = table.front(k_);
  Ranked best{.value = value(totals(), m), .option = options_[i]};
  for (const int o : front.options) {
    const auto number = static_cast<size_t>(table.link_of_option(o));
    auto& [known, behind] = tails[number];
    if (!known) {
      known = true;
      links_[i] = table.links()[number];
      pass_links(i);
      behind = tail(i);
    }
    const Option& option = table.options()[static_cast<size_t>(o)];
    const FeedCost& feed = table.feed(o, from);
    Totals t = others;
    for (size_t kind = 0; kind < kKinds; ++kind)
      t.used[kind] += option.cost[kind] + feed.cost[kind] + behind.cost[kind];
    t.surcharge += option.surcharge;
    t.late += lateness(feed.cycles) + behind.late;
    const double v = value(t, m);
    if (all) all->push_back({.value = v, .option = o});
    if (v < best.value - kLeastGain * std::abs(best.value)) best = {.value = v, .option = o};
  }
  links_[i] = table.links()[static_cast<size_t>(table.link_of_option(options_[i]))];
  pass_links(i);
  return best;
}

bool SelectionWalk::improve_one(const Measure& m) {
  bool any = false;
  for (const size_t i : tables_) {
    const Ranked r = best(i, m, nullptr);
    if (r.option == options_[i]) continue;
    set(i, r.option);
    any = true;
  }
  return any;
}

bool SelectionWalk::improve_two(const Measure& m, size_t candidates) {
  bool any = false;
  std::vector<Ranked> ranked;
  for (const size_t i : tables_) {
    ranked.clear();
    double least = best(i, m, &ranked).value;
    const size_t n = std::min(candidates, ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(n), ranked.end(),
                      [](const Ranked& a, const Ranked& b) {
                        return a.value != b.value ? a.value < b.value : a.option < b.option;
                      });
    ranked.resize(n);
    const int before = options_[i];
    int first = before, second = -1;
    size_t at = 0;
    for (const Ranked& r : ranked) {
      if (r.option == before) continue;
      set(i, r.option);
      for (const size_t j : tables_) {
        if (j == i) continue;
        const Ranked other = best(j, m, nullptr);
        if (other.option == options_[j] || other.value >= least - kLeastGain * std::abs(least)) continue;
        least = other.value, first = r.option, second = other.option, at = j;
      }
    }
    set(i, first);
    if (second < 0) continue;
    set(at, second);
    any = true;
    if (!m.price && within(totals())) return true;
  }
  return any;
}

bool SelectionWalk::fit(size_t candidates) {
  for (int sharpness = kFirstSharpness; sharpness <= kLastSharpness; ++sharpness) {
    const Measure m{.price = false, .sharpness = sharpness};
    do {
      if (within(totals())) return true;
    } while (improve_one(m));
  }
  const Measure m{.price = false, .sharpness = kLastSharpness};
  while (!within(totals()) && candidates > 0 && improve_two(m, candidates)) {
    while (!within(totals()) && improve_one(m)) {
    }
  }
  return within(totals());
}

void SelectionWalk::cheapen(size_t candidates) {
  const Measure m{.price = true, .sharpness = 0};
  do {
    while (improve_one(m)) {
    }
  } while (candidates > 0 && improve_two(m, candidates));
}

void SelectionWalk::start(const std::vector<int>& options) {
  Weights none{};
  start(none);
  for (const size_t i : tables_) set(i, options[i]);
}

}  // namespace elb::arch
