#include "arch/selection.hpp"

#include <algorithm>
#include <cmath>

namespace elb::arch {
namespace {

constexpr double kLatePenalty = 1e3;
constexpr double kLeastGain = 1e-9;
constexpr double kRounding = 1e-9;
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

// Exact: no amount is anywhere near 2^53.
Weights weights(const Amounts& a) {
  Weights w;
  std::copy(a.begin(), a.end(), w.begin());
  return w;
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

double SelectionWalk::value(const Weights& used, double surcharge, double late, const Measure& m) const {
  double sum = 0;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    double share = per_unit_[kind] * used[kind];
    if (m.price) {
      sum += share > 1 ? kLatePenalty * share : share;
      continue;
    }
    for (int i = 0; i < m.sharpness; ++i) share *= share;
    sum += share;
  }
  return sum + (m.price ? surcharge : 0) + kLatePenalty * late;
}

double SelectionWalk::share_of(double value, const Measure& m) {
  if (m.price) return INFINITY;
  for (int i = 0; i < m.sharpness; ++i) value = std::sqrt(value);
  return value * (1 + kRounding);
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

SelectionWalk::Ranked SelectionWalk::best(size_t i, const Measure& m, double below, Ranking* ranking) {
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
  ++round_;
  if (with_link_.size() < table.links().size()) with_link_.resize(table.links().size());
  const Front& front = table.front(k_);
  Ranked best{.value = value(weights(used_), surcharge_, late_, m), .option = options_[i]};
  // No share of an option that is of use is greater.
  double most = 0;
  const auto look = [&] {
    const double first = std::min(best.value, below);
    most = share_of(ranking ? std::max(first, ranking->last()) : first, m);
  };
  look();
  for (size_t j = 0; j < front.options.size(); ++j) {
    const auto number = static_cast<size_t>(front.links[j]);
    WithLink& link = with_link_[number];
    if (link.round != round_) {
      links_[i] = table.links()[number];
      pass_links(i);
      const Tail behind = tail(i);
      Amounts used = others.used;
      used += behind.cost;
      link = {.round = round_, .used = weights(used), .late = behind.late};
    }
    const int o = front.options[j];
    const OptionTable::Feed& feed = table.feed(o, from);
    Weights used;
    double share = 0;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      used[kind] = link.used[kind] + front.costs[j][kind] + feed.weights[kind];
      share = std::max(share, per_unit_[kind] * used[kind]);
    }
    if (share > most) continue;
    const double late = others.late + (lateness(feed.cycles) + link.late);
    const double v = value(used, others.surcharge + front.surcharges[j], late, m);
    const bool ranked = ranking && ranking->offer({.value = v, .option = o});
    const bool better = v < best.value - kLeastGain * std::abs(best.value);
    if (better) best = {.value = v, .option = o};
    if (ranked || better) look();
  }
  links_[i] = table.links()[static_cast<size_t>(table.link_of_option(options_[i]))];
  pass_links(i);
  return best;
}

bool SelectionWalk::Ranking::offer(const Ranked& r) {
  if (most == 0 || r.value >= last()) return false;
  const auto at = std::upper_bound(list.begin(), list.end(), r,
                                   [](const Ranked& a, const Ranked& b) { return a.value < b.value; });
  list.insert(at, r);
  if (list.size() > most) list.pop_back();
  return true;
}

bool SelectionWalk::improve_one(const Measure& m) {
  bool any = false;
  for (const size_t i : tables_) {
    const Ranked r = best(i, m);
    if (r.option == options_[i]) continue;
    set(i, r.option);
    any = true;
  }
  return any;
}

bool SelectionWalk::improve_two(const Measure& m, size_t candidates) {
  bool any = false;
  for (const size_t i : tables_) {
    Ranking ranked{.most = candidates};
    double least = best(i, m, INFINITY, &ranked).value;
    const int before = options_[i];
    int first = before, second = -1;
    size_t at = 0;
    for (const Ranked& r : ranked.list) {
      if (r.option == before) continue;
      set(i, r.option);
      for (const size_t j : tables_) {
        if (j == i) continue;
        const Ranked other = best(j, m, least);
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
