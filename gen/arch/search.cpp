#include "arch/search.hpp"

#include <algorithm>
#include <cmath>

namespace elb::arch {
namespace {

constexpr int kBoundRounds = 120;
constexpr double kLearningRate = 4;

// A share of what there is nothing of.
constexpr double kImpossible = 1e9;

}  // namespace

Weights Search::per_unit(int64_t cycles, const Amounts& reserve) const {
  Weights shares{};
  for (int kind = 0; kind < kKinds; ++kind) {
    const auto i = static_cast<size_t>(kind);
    const double most = budget_.at(kind, cycles) - double(reserve[i]);
    shares[i] = most > 0 ? 1 / most : kImpossible;
  }
  return shares;
}

bool Search::refused(int k, const Amounts& reserve) {
  const Weights unit = per_unit(TargetGrid::at(k), reserve);
  std::vector<const Front*> fronts;
  for (const SearchNode& node : nodes_) {
    if (!node.table) continue;
    fronts.push_back(&node.table->front(k));
    if (fronts.back()->options.empty()) return true;
  }
  double best = 0, counted = 0;
  Weights tried = weights_, mean{};
  for (int round = 0; round < kBoundRounds; ++round) {
    Weights weight{}, total{};
    for (size_t kind = 0; kind < kKinds; ++kind) weight[kind] = tried[kind] * unit[kind];
    double value = 0;
    for (const Front* front : fronts) {
      double least = INFINITY;
      const std::array<double, kKinds>* at = nullptr;
      for (const std::array<double, kKinds>& cost : front->costs) {
        double sum = 0;
        for (size_t kind = 0; kind < kKinds; ++kind) sum += weight[kind] * cost[kind];
        if (sum < least) least = sum, at = &cost;
      }
      value += least;
      for (size_t kind = 0; kind < kKinds; ++kind) total[kind] += unit[kind] * (*at)[kind];
    }
    if (value > best) best = value, weights_ = tried;
    if (best > 1) return true;
    // Any weights are worth at most their mean with any choices, so also with the mean of these.
    const double rate = kLearningRate / (1 + 0.1 * round);
    counted += rate;
    bool possible = true;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      mean[kind] += (total[kind] - mean[kind]) * rate / counted;
      possible = possible && mean[kind] <= 1;
    }
    if (possible) return false;
    // The weights move to what is short.
    double sum = 0;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      tried[kind] = std::max(1e-9, tried[kind]) * std::exp(rate * (std::min(total[kind], 3.0) - 1));
      sum += tried[kind];
    }
    for (double& w : tried) w /= sum;
  }
  return false;
}

int Search::last_target() const {
  int64_t slowest = 1;
  for (const SearchNode& node : nodes_) {
    if (node.table && !node.table->options().empty())
      slowest = std::max(slowest, node.table->options().back().cycles);
  }
  // Bandwidth per frame grows for ever: two octaves beyond the slowest option it is no limit of interest.
  return TargetGrid::index_above(slowest) + 2 * TargetGrid::kPerOctave;
}

std::array<double, kKinds> Search::least_shares(int k) const {
  const Weights unit = per_unit(TargetGrid::at(k), {});
  Weights total{};
  for (const SearchNode& node : nodes_) {
    if (!node.table) continue;
    const Amounts* least = node.table->least(TargetGrid::at(k));
    for (size_t kind = 0; kind < kKinds; ++kind)
      total[kind] += least ? unit[kind] * double((*least)[kind]) : kImpossible;
  }
  return total;
}

int Search::least_possible() {
  // Resource by resource first, which needs no fronts.
  const auto short_of_one = [&](int k) {
    const std::array<double, kKinds> shares = least_shares(k);
    return std::any_of(shares.begin(), shares.end(), [](double s) { return s > 1; });
  };
  const int last = last_target();
  int low = -1, high = last;  // low: refused
  if (short_of_one(last)) return -1;
  while (high - low > 1) {
    const int mid = (low + high) / 2;
    (short_of_one(mid) ? low : high) = mid;
  }
  for (int step = 1; high < last && refused(high, {}); step *= 2) {
    low = high;
    high = std::min(last, high + step);
  }
  if (high == last && refused(last, {})) return -1;
  while (high - low > 1) {
    const int mid = (low + high) / 2;
    (refused(mid, {}) ? low : high) = mid;
  }
  return high;
}

std::optional<Selection> Search::choose(int k, const Amounts& reserve) {
  if (refused(k, reserve)) return {};
  SelectionWalk walk(nodes_, k, per_unit(TargetGrid::at(k), reserve));
  Weights even;
  even.fill(1);
  for (const Weights& weights : {weights_, even}) {
    walk.start(weights);
    if (walk.fit(candidates_))
      return Selection{.options = walk.options(), .used = walk.used(), .price = walk.price()};
  }
  return {};
}

Selection Search::cheapened(int k, const Amounts& reserve, const Selection& s) {
  SelectionWalk walk(nodes_, k, per_unit(TargetGrid::at(k), reserve));
  walk.start(s.options);
  walk.cheapen(candidates_);
  return {.options = walk.options(), .used = walk.used(), .price = walk.price()};
}

}  // namespace elb::arch
