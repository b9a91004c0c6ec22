// The least weighted cost of one option per stage, the feeds between them included: dynamic programming over
// the links. Where a stage reads what several read, or several streams joined, its feed is left out, so that
// the sum is never above what a selection costs.
#pragma once
#include <vector>

#include "arch/selection.hpp"

namespace elb::arch {

class Chain {
 public:
  Chain(const std::vector<SearchNode>& nodes, int k);

  struct Choice {
    double value = 0;          // weighted; infinite where no options meet the target
    Weights used{};            // of these options, with the feeds that count
    std::vector<int> options;  // per node, -1 where it has none
  };
  // `weight`: per unit of a resource.
  Choice least(const Weights& weight) const;

 private:
  struct Stage {
    size_t node = 0;
    int before = -1;   // the stage whose links feed it; -1: no feed, or that of one link
    bool last = true;  // no stage counts it as the one before
    const Front* front = nullptr;
    std::vector<int> link;  // of the front's options: numbers in links
    std::vector<int> cls;   // of the front's options: rows of feeds
    size_t links = 0, classes = 0, feeding = 0;
    std::vector<Weights> feeds;  // [class][feeding link]; the first < 0: it needs too many cycles
  };
  std::vector<Stage> stages_;
  size_t nodes_;
};

}  // namespace elb::arch
