#include "arch/search.hpp"

#include <algorithm>
#include <cmath>

namespace elb::arch {
namespace {

constexpr int kBoundRounds = 120, kQuickBoundRounds = 40;
constexpr double kLearningRate = 4;
constexpr size_t kStarts = 3;

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

bool Search::refused(const Least& least, const Weights& unit, std::vector<std::vector<int>>* starts) {
  struct Start {
    double share;
    std::vector<int> options;
  };
  std::vector<Start> closest;
  double best = 0, counted = 0;
  Weights tried = weights_, mean{};
  bool possible = false;
  const int rounds = candidates_ > 0 ? kBoundRounds : kQuickBoundRounds;
  for (int round = 0; round < rounds && !possible; ++round) {
    Weights weight{}, total{};
    for (size_t kind = 0; kind < kKinds; ++kind) weight[kind] = tried[kind] * unit[kind];
    Chain::Choice c = least(weight);
    if (c.value > best) best = c.value, weights_ = tried;
    if (best > 1) return true;
    for (size_t kind = 0; kind < kKinds; ++kind) total[kind] = unit[kind] * c.used[kind];
    if (starts) {
      const double share = *std::max_element(total.begin(), total.end());
      const auto same = [&](const Start& s) { return s.share == share; };
      if (std::none_of(closest.begin(), closest.end(), same))
        closest.push_back({.share = share, .options = std::move(c.options)});
      std::stable_sort(closest.begin(), closest.end(),
                       [](const Start& a, const Start& b) { return a.share < b.share; });
      if (closest.size() > kStarts) closest.pop_back();
    }
    // Any weights are worth at most their mean with any choices, so also with the mean of these.
    const double rate = kLearningRate / (1 + 0.1 * round);
    counted += rate;
    possible = true;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      mean[kind] += (total[kind] - mean[kind]) * rate / counted;
      possible = possible && mean[kind] <= 1;
    }
    // The weights move to what is short.
    double sum = 0;
    for (size_t kind = 0; kind < kKinds; ++kind) {
      if (!counts(static_cast<int>(kind))) continue;
      tried[kind] = std::max(1e-9, tried[kind]) * std::exp(rate * (std::min(total[kind], 3.0) - 1));
      sum += tried[kind];
    }
    for (double& w : tried) w /= sum;
  }
  if (starts) {
    for (Start& s : closest) starts->push_back(std::move(s.options));
  }
  return false;
}

bool Search::refused_without_feeds(int k, const Amounts& reserve) {
  std::vector<const Front*> fronts;
  for (const SearchNode& node : nodes_) {
    if (!node.table) continue;
    fronts.push_back(&node.table->front(k));
    if (fronts.back()->options.empty()) return true;
  }
  const auto least = [&](const Weights& weight) {
    Chain::Choice c;
    for (const Front* front : fronts) {
      double best = INFINITY;
      const Weights* at = nullptr;
      for (const Weights& cost : front->costs) {
        double sum = 0;
        for (size_t kind = 0; kind < kKinds; ++kind) sum += weight[kind] * cost[kind];
        if (sum < best) best = sum, at = &cost;
      }
      c.value += best;
      for (size_t kind = 0; kind < kKinds; ++kind) c.used[kind] += (*at)[kind];
    }
    return c;
  };
  return refused(least, per_unit(TargetGrid::at(k), reserve), nullptr);
}

bool Search::refused_with_feeds(int k, const Amounts& reserve, std::vector<std::vector<int>>* starts) {
  const Chain chain(nodes_, k);
  return refused([&](const Weights& weight) { return chain.least(weight); },
                 per_unit(TargetGrid::at(k), reserve), starts);
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

std::optional<int> Search::least_possible() {
  // Resource by resource first, which needs no fronts.
  const auto short_of_one = [&](int k) {
    const std::array<double, kKinds> shares = least_shares(k);
    return std::any_of(shares.begin(), shares.end(), [](double s) { return s > 1; });
  };
  int low = first_ - 1, high = last_;  // low: refused
  if (short_of_one(last_)) return {};
  const auto bisect = [&](const auto& refuses) {
    while (high - low > 1) {
      const int mid = (low + high) / 2;
      (refuses(mid) ? low : high) = mid;
    }
  };
  bisect(short_of_one);
  const auto rise = [&](const auto& refuses) {
    for (int step = 1; refuses(high); step *= 2) {
      if (high == last_) return false;
      low = high;
      high = std::min(last_, high + step);
    }
    bisect(refuses);
    return true;
  };
  if (!rise([&](int k) { return refused_without_feeds(k, {}); })) return {};
  if (candidates_ > 0 && !rise([&](int k) { return refused_with_feeds(k, {}, nullptr); })) return {};
  return high;
}

std::optional<Selection> Search::choose(int k, const Amounts& reserve) {
  std::vector<std::vector<int>> starts;
  if (refused_without_feeds(k, reserve)) return {};
  if (candidates_ > 0 && refused_with_feeds(k, reserve, &starts)) return {};
  SelectionWalk walk(nodes_, k, per_unit(TargetGrid::at(k), reserve));
  const auto fits = [&]() -> std::optional<Selection> {
    if (!walk.fit(candidates_)) return {};
    return Selection{.options = walk.options(), .used = walk.used(), .price = walk.price()};
  };
  walk.start(weights_);
  if (std::optional<Selection> s = fits()) return s;
  for (const std::vector<int>& options : starts) {
    walk.start(options);
    if (std::optional<Selection> s = fits()) return s;
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
