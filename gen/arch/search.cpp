#include "arch/search.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"

namespace elb::arch {
namespace {

constexpr int kPerOctave = 128;
constexpr int kBoundRounds = 60;
constexpr double kLearningRate = 4;

// Amounts that nothing is available of but that are asked for.
constexpr double kImpossible = 1e9;

struct State {
  std::vector<int> options;
  std::vector<spec::Link> links;
  Amounts used{};
  double surcharge = 0;
};

}  // namespace

int64_t TargetGrid::at(int k) {
  return static_cast<int64_t>(std::ceil(std::exp2(double(k) / kPerOctave) - 1e-9));
}

int TargetGrid::index_above(int64_t cycles) {
  int k = std::max(0, static_cast<int>(std::log2(double(cycles)) * kPerOctave) - 2);
  while (at(k) < cycles) ++k;
  return k;
}

const std::vector<int>& OptionTable::front(int k) {
  const auto found = fronts_.find(k);
  if (found != fronts_.end()) return found->second;
  const int64_t target = TargetGrid::at(k);
  std::vector<int> front;
  const auto beats = [&](int a, int b) {
    for (int kind = 0; kind < kKinds; ++kind) {
      if (options_[a].cost[kind] > options_[b].cost[kind]) return false;
    }
    return true;
  };
  // The slowest first: they are the cheapest, and beat most of the others.
  const auto end = std::upper_bound(options_.begin(), options_.end(), target,
                                    [](int64_t t, const Option& o) { return t < o.cycles; });
  for (int i = static_cast<int>(end - options_.begin()) - 1; i >= 0; --i) {
    if (std::any_of(front.begin(), front.end(), [&](int f) { return beats(f, i); })) continue;
    front.erase(std::remove_if(front.begin(), front.end(), [&](int f) { return beats(i, f); }), front.end());
    front.push_back(i);
  }
  return fronts_.emplace(k, std::move(front)).first->second;
}

const FeedCost& OptionTable::feed(int option, const spec::Link& in) {
  uint64_t key = static_cast<uint64_t>(option);
  for (const int part : {in.h, in.w, in.c, in.columns, in.channels, in.bits})
    key = (key ^ static_cast<uint64_t>(part)) * 0x9e3779b97f4a7c15u + (key >> 29);
  const auto found = feeds_.find(key);
  if (found != feeds_.end()) return found->second;
  return feeds_.emplace(key, feed_of(shape_, options_[option], in)).first->second;
}

double Search::share(int kind, int64_t amount, int64_t cycles, const Amounts& reserve) const {
  if (amount <= 0) return 0;
  const double most = budget_.at(kind, cycles) - double(reserve[kind]);
  return most > 0 ? double(amount) / most : kImpossible;
}

double Search::bound(int k, const Amounts& reserve, Weights& weights, int rounds) {
  const int64_t cycles = TargetGrid::at(k);
  Weights per_unit{};
  for (int kind = 0; kind < kKinds; ++kind) per_unit[kind] = share(kind, 1, cycles, reserve);
  double best = 0;
  Weights tried = weights;
  for (int round = 0; round < rounds; ++round) {
    Weights total{};
    double value = 0;
    for (SearchNode& node : nodes_) {
      if (!node.table) continue;
      double least = -1;
      const Amounts* at = nullptr;
      for (const int i : node.table->front(k)) {
        const Amounts& cost = node.table->options()[i].cost;
        double sum = 0;
        for (int kind = 0; kind < kKinds; ++kind) sum += tried[kind] * per_unit[kind] * double(cost[kind]);
        if (!at || sum < least) least = sum, at = &cost;
      }
      if (!at) return kImpossible;  // no option is that fast
      value += least;
      for (int kind = 0; kind < kKinds; ++kind) total[kind] += per_unit[kind] * double((*at)[kind]);
    }
    if (value > best) best = value, weights = tried;
    if (best > 1) return best;
    // The weights move to what is short.
    const double rate = kLearningRate / (1 + 0.1 * round);
    double sum = 0;
    for (int kind = 0; kind < kKinds; ++kind) {
      tried[kind] = std::max(1e-9, tried[kind]) * std::exp(rate * (std::min(total[kind], 3.0) - 1));
      sum += tried[kind];
    }
    for (double& w : tried) w /= sum;
  }
  return best;
}

int Search::last_target() const {
  int64_t slowest = 1;
  for (const SearchNode& node : nodes_) {
    if (node.table && !node.table->options().empty())
      slowest = std::max(slowest, node.table->options().back().cycles);
  }
  // Bandwidth per frame grows for ever: two octaves beyond the slowest option it is no limit of interest.
  return TargetGrid::index_above(slowest) + 2 * kPerOctave;
}

int Search::least_possible() {
  const auto refused = [&](int k) {
    Weights weights;
    weights.fill(1.0 / kKinds);
    return bound(k, {}, weights, kBoundRounds) > 1;
  };
  int high = last_target();
  if (refused(high)) return -1;
  int low = -1;  // refused
  while (high - low > 1) {
    const int mid = (low + high) / 2;
    (refused(mid) ? low : high) = mid;
  }
  return high;
}

std::array<double, kKinds> Search::least_shares(int k) {
  Weights total{};
  for (SearchNode& node : nodes_) {
    if (!node.table) continue;
    for (int kind = 0; kind < kKinds; ++kind) {
      int64_t least = INT64_MAX;
      for (const int i : node.table->front(k)) least = std::min(least, node.table->options()[i].cost[kind]);
      if (least < INT64_MAX) total[kind] += share(kind, least, TargetGrid::at(k), {});
    }
  }
  return total;
}

std::optional<Selection> Search::choose(int k, const Amounts& reserve) {
  Weights weights;
  weights.fill(1.0 / kKinds);
  if (bound(k, reserve, weights, kBoundRounds) > 1) return {};
  Weights even;
  even.fill(1);
  std::optional<Selection> best = run_beam(k, reserve, even, 1);
  const std::optional<Selection> other = run_beam(k, reserve, weights, 0);
  if (other && (!best || other->price < best->price)) best = other;
  return best;
}

std::optional<Selection> Search::run_beam(int k, const Amounts& reserve, const Weights& weights,
                                          double surcharges) {
  const int64_t cycles = TargetGrid::at(k);
  const size_t n = nodes_.size();
  // What the nodes behind one take at least.
  std::vector<Amounts> least(n + 1, Amounts{});
  std::vector<double> least_score(n + 1, 0);
  Weights per_unit{};
  for (int kind = 0; kind < kKinds; ++kind) per_unit[kind] = share(kind, 1, cycles, reserve);
  const auto score_of = [&](const Amounts& a) {
    double sum = 0;
    for (int kind = 0; kind < kKinds; ++kind) sum += weights[kind] * per_unit[kind] * double(a[kind]);
    return sum;
  };
  for (size_t i = n; i-- > 0;) {
    least[i] = least[i + 1];
    least_score[i] = least_score[i + 1];
    if (!nodes_[i].table) continue;
    const std::vector<int>& front = nodes_[i].table->front(k);
    if (front.empty()) return {};
    Amounts here;
    here.fill(INT64_MAX);
    double score = 1e300;
    for (const int o : front) {
      const Amounts& cost = nodes_[i].table->options()[o].cost;
      for (int kind = 0; kind < kKinds; ++kind) here[kind] = std::min(here[kind], cost[kind]);
      score = std::min(score, score_of(cost) + surcharges * nodes_[i].table->options()[o].surcharge);
    }
    for (int kind = 0; kind < kKinds; ++kind) least[i][kind] += here[kind];
    least_score[i] += score;
  }

  std::vector<State> states(1);
  for (size_t i = 0; i < n; ++i) {
    SearchNode& node = nodes_[i];
    const auto links_before = [&](const State& s) {
      std::vector<spec::Link> links;
      for (const int source : node.sources) links.push_back(s.links[static_cast<size_t>(source)]);
      return links;
    };
    if (!node.table) {
      for (State& s : states) {
        s.links.push_back(node.link(links_before(s), cycles));
        s.options.push_back(-1);
      }
      continue;
    }
    struct Step {
      int state, option;
      Amounts used;
      double surcharge, score, worst;
    };
    std::vector<Step> steps;
    const std::vector<int>& front = node.table->front(k);
    for (size_t j = 0; j < states.size(); ++j) {
      const spec::Link& in = states[j].links[static_cast<size_t>(node.sources[0])];
      for (const int o : front) {
        const FeedCost& feed = node.table->feed(o, in);
        if (feed.cycles > cycles) continue;
        Step s{.state = static_cast<int>(j),
               .option = o,
               .used = states[j].used,
               .surcharge = states[j].surcharge + node.table->options()[o].surcharge,
               .score = 0,
               .worst = 0};
        for (int kind = 0; kind < kKinds; ++kind) {
          s.used[kind] += node.table->options()[o].cost[kind] + feed.cost[kind];
          s.worst = std::max(s.worst, per_unit[kind] * double(s.used[kind] + least[i + 1][kind]));
        }
        if (s.worst > 1) continue;
        s.score = score_of(s.used) + surcharges * s.surcharge + least_score[i + 1];
        steps.push_back(s);
      }
    }
    if (steps.empty()) return {};
    // Two thirds of the beam by weighted cost, the rest by what is nearest to its limit.
    const size_t width = static_cast<size_t>(beam_), by_score = width - width / 3;
    const auto cheaper = [](const Step& a, const Step& b) {
      return a.score != b.score     ? a.score < b.score
             : a.option != b.option ? a.option < b.option
                                    : a.state < b.state;
    };
    const auto safer = [&](const Step& a, const Step& b) {
      return a.worst != b.worst ? a.worst < b.worst : cheaper(a, b);
    };
    if (steps.size() > width) {
      std::nth_element(steps.begin(), steps.begin() + static_cast<int64_t>(by_score), steps.end(), cheaper);
      std::nth_element(steps.begin() + static_cast<int64_t>(by_score),
                       steps.begin() + static_cast<int64_t>(width), steps.end(), safer);
      steps.resize(width);
    }
    std::vector<State> next;
    next.reserve(steps.size());
    for (const Step& s : steps) {
      State t = states[static_cast<size_t>(s.state)];
      t.options.push_back(s.option);
      t.links.push_back(link_of(node.table->shape(), node.table->options()[static_cast<size_t>(s.option)]));
      t.used = s.used;
      t.surcharge = s.surcharge;
      next.push_back(std::move(t));
    }
    states = std::move(next);
  }
  std::optional<Selection> best;
  for (State& s : states) {
    double price = s.surcharge;
    for (int kind = 0; kind < kKinds; ++kind) price += per_unit[kind] * double(s.used[kind]);
    if (!best || price < best->price)
      best = Selection{.options = std::move(s.options), .used = s.used, .price = price};
  }
  return best;
}

}  // namespace elb::arch
