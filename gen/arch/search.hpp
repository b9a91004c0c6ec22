// The search behind explore: one option per stage, so that all of them together stay within a budget.
//
// It is a multiple-choice knapsack in several resources at once. For a target T of cycles per frame a stage
// has the options that need at most T. Whether a choice exists
//
//   - is refused by a bound: for any weights of the resources, the sum over the stages of the least weighted
//     cost. Weights that refuse prove that no choice exists, whatever the feeds between the stages cost;
//   - is answered by a beam: stages in order, the most promising partial choices are kept, feeds included.
//
// Targets lie on a grid of 128 per octave, so that fronts (the undominated options at T) are kept from one
// search to the next. What lies between the refused and the answered targets is the gap that is reported.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "arch/options.hpp"

namespace elb::arch {

// Targets: at(k) ascends with k by 0.54 % a step.
struct TargetGrid {
  static int64_t at(int k);
  static int index_above(int64_t cycles);  // the least k with at(k) >= cycles
};

// The options of one layer shape, with what is derived from them, kept between searches.
class OptionTable {
 public:
  OptionTable(LayerShape shape, std::vector<Option> options)
      : shape_(std::move(shape)), options_(std::move(options)) {}
  const LayerShape& shape() const { return shape_; }
  const std::vector<Option>& options() const { return options_; }
  // Indices of the undominated options of at most at(k) cycles.
  const std::vector<int>& front(int k);
  const FeedCost& feed(int option, const spec::Link& in);

 private:
  LayerShape shape_;
  std::vector<Option> options_;
  std::map<int, std::vector<int>> fronts_;
  std::unordered_map<uint64_t, FeedCost> feeds_;
};

// A node of the network: a stage with options, or one that only passes a stream on.
struct SearchNode {
  OptionTable* table = nullptr;
  std::vector<int> sources = {};  // nodes before it
  // Of a node without options: its link, from those of its sources and the target.
  std::function<spec::Link(const std::vector<spec::Link>&, int64_t)> link = {};
};

struct Budget {
  Amounts most{};         // resources; kDram is not looked at
  double dram_beats = 0;  // per cycle
  double at(int kind, int64_t cycles) const {
    return kind == kDram ? dram_beats * static_cast<double>(cycles) : static_cast<double>(most[kind]);
  }
};

struct Selection {
  std::vector<int> options;  // per node, -1 where it has none
  Amounts used{};
  double price = 0;  // sum of the shares of the budget, and surcharges
};

class Search {
 public:
  Search(std::vector<SearchNode> nodes, Budget budget, int beam)
      : nodes_(std::move(nodes)), budget_(budget), beam_(beam) {}

  // The least k that the bound does not refuse, for a budget of which nothing is reserved; -1: all refused.
  int least_possible();
  // A choice within the budget less `reserve`, at target k. The cheapest that the beam finds.
  std::optional<Selection> choose(int k, const Amounts& reserve);
  // The k from which on nothing changes any more.
  int last_target() const;
  // Shares of the budget that every choice takes at least at target k, resource by resource.
  std::array<double, kKinds> least_shares(int k);

 private:
  using Weights = std::array<double, kKinds>;
  // The least weighted share of all choices; at least 1 - tolerance refuses. Improves the weights.
  double bound(int k, const Amounts& reserve, Weights& weights, int rounds);
  // Sorted by weighted cost and `surcharges` times the options' own.
  std::optional<Selection> run_beam(int k, const Amounts& reserve, const Weights& weights, double surcharges);
  double share(int kind, int64_t amount, int64_t cycles, const Amounts& reserve) const;

  std::vector<SearchNode> nodes_;
  Budget budget_;
  int beam_;
};

}  // namespace elb::arch
