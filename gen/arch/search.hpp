// The search behind explore: one option per stage, so that all of them together stay within a budget.
//
// It is a multiple-choice knapsack in several resources at once. For a target T of cycles per frame a stage
// has the options that need at most T. Whether a choice exists
//
//   - is refused by a bound: for any weights of the resources, the sum over the stages of the least weighted
//     cost, first as if feeds were free, then with them (arch/chain.hpp). Weights that refuse prove that no
//     choice exists. They follow the resources that are short (a subgradient of the Lagrangian dual). Where
//     the mean of what they choose is within the budget, no weights refuse;
//   - is answered by improvement: from what such weights choose, options of one stage or two are exchanged as
//     long as the shares come closer to the budget (arch/selection.hpp).
//
// What lies between the refused and the answered targets is the gap that is reported.
#pragma once
#include <optional>

#include "arch/chain.hpp"
#include "arch/selection.hpp"

namespace elb::arch {

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
  // Among targets [first, last], for which the options are. `candidates`: of a stage, that are tried together
  // with those of another one; 0: none, and bounds as if feeds were free, which is faster.
  Search(std::vector<SearchNode> nodes, Budget budget, int candidates, int first, int last)
      : nodes_(std::move(nodes)),
        budget_(budget),
        candidates_(static_cast<size_t>(candidates)),
        first_(first),
        last_(last) {
    int has = 0;
    for (int kind = 0; kind < kKinds; ++kind) has += counts(kind) ? 1 : 0;
    for (int kind = 0; kind < kKinds; ++kind)
      weights_[static_cast<size_t>(kind)] = counts(kind) ? 1.0 / has : 0;
  }
  const std::vector<SearchNode>& nodes() const { return nodes_; }

  // The least k that the bound does not refuse, for a budget of which nothing is reserved, if there is one.
  std::optional<int> least_possible();
  // A choice within the budget less `reserve`, at target k.
  std::optional<Selection> choose(int k, const Amounts& reserve);
  // It at a lower price.
  Selection cheapened(int k, const Amounts& reserve, const Selection& s);
  // Shares of the budget that every choice takes at least at target k, resource by resource.
  std::array<double, kKinds> least_shares(int k) const;

 private:
  using Least = std::function<Chain::Choice(const Weights&)>;  // weights per unit of a resource
  // Whether the bound refuses. The weights it begins with and leaves are weights_. The choices that came
  // closest to the budget are added to `starts`.
  bool refused(const Least& least, const Weights& per_unit, std::vector<std::vector<int>>* starts);
  bool refused_without_feeds(int k, const Amounts& reserve);
  bool refused_with_feeds(int k, const Amounts& reserve, std::vector<std::vector<int>>* starts);
  // UltraRAM, which most devices have none of, takes no part in their weights.
  bool counts(int kind) const { return kind != kUram || budget_.most[kUram] > 0; }
  Weights per_unit(int64_t cycles, const Amounts& reserve) const;

  std::vector<SearchNode> nodes_;
  Budget budget_;
  size_t candidates_;
  int first_, last_;
  Weights weights_;
};

}  // namespace elb::arch
