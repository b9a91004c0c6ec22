// One option per stage with the links and feeds between them, and how it becomes better: by other options of
// one stage, or of two at once, as long as that helps.
#pragma once
#include <cmath>
#include <functional>
#include <vector>

#include "arch/option_table.hpp"

namespace elb::arch {

// A node of the network: a stage with options, or one that only passes a stream on.
struct SearchNode {
  OptionTable* table = nullptr;
  std::vector<int> sources = {};  // nodes before it
  // Of a node without options: its link, from those of its sources and the target.
  std::function<spec::Link(const std::vector<spec::Link>&, int64_t)> link = {};
};

class SelectionWalk {
 public:
  // At a target at(k), `per_unit` being the share of the budget that a unit of a resource is.
  SelectionWalk(const std::vector<SearchNode>& nodes, int k, const Weights& per_unit);

  // For every stage in turn the option of least weighted share, its feed from those before included.
  void start(const Weights& weights);
  void start(const std::vector<int>& options);  // per node

  // Until no other option of one stage brings the shares closer to the budget; then of two stages, of the
  // `candidates` best of each. True when all is within the budget; it goes no further then.
  bool fit(size_t candidates);
  // Within the budget: a lower price, by other options of single stages, and of two.
  void cheapen(size_t candidates);

  const std::vector<int>& options() const { return options_; }  // per node, -1 where it has none
  const Amounts& used() const { return used_; }
  double price() const;  // sum of the shares, and surcharges

 private:
  // What a choice at a node is worth; less is better.
  struct Measure {
    bool price;     // else the distance to the budget
    int sharpness;  // of it: shares to the power of 2^sharpness
  };
  struct Totals {
    Amounts used{};
    double surcharge = 0;
    double late = 0;  // of feeds that need more cycles than there are, by how much
  };
  struct Tail {  // what a link costs its readers
    Amounts cost{};
    double late = 0;
  };
  struct Ranked {
    double value;
    int option;
  };
  double value(const Weights& used, double surcharge, double late, const Measure& m) const;
  bool within(const Totals& t) const;
  double lateness(int64_t cycles) const {
    return cycles > cycles_ ? double(cycles) / double(cycles_) - 1 : 0;
  }
  void pass_links(size_t node);  // of nodes without options behind it
  Tail tail(size_t node) const;  // at the links as they are
  Totals totals() const { return {.used = used_, .surcharge = surcharge_, .late = late_}; }
  void set(size_t node, int option);
  // The best of so many, options of equal value in their order.
  struct Ranking {
    size_t most = 0;
    std::vector<Ranked> list = {};
    double last() const { return list.size() < most ? INFINITY : most == 0 ? 0 : list.back().value; }
    bool offer(const Ranked& r);
  };
  // The greatest share with which a choice can be worth that.
  static double share_of(double value, const Measure& m);
  // The best option of a node, the others being as they are, and its value: the one that there is if no other
  // one is better, or worth less than `below`.
  Ranked best(size_t node, const Measure& m, double below = INFINITY, Ranking* ranking = nullptr);
  bool improve_one(const Measure& m);
  bool improve_two(const Measure& m, size_t candidates);

  const std::vector<SearchNode>& nodes_;
  int k_;
  int64_t cycles_;
  Weights per_unit_;
  std::vector<size_t> tables_;                // nodes with options
  std::vector<std::vector<size_t>> passing_;  // behind a node up to the next with options, in order
  std::vector<std::vector<size_t>> readers_;  // nodes with options that these links feed
  std::vector<int> options_;
  std::vector<spec::Link> links_;
  Amounts used_{};
  double surcharge_ = 0, late_ = 0;
  // Of a link of the stage under way, all the other stages: kept in one place from one look to the next.
  struct WithLink {
    int64_t round = 0;  // in which it was looked at
    Weights used{};
    double late = 0;
  };
  std::vector<WithLink> with_link_;
  int64_t round_ = 0;
};

}  // namespace elb::arch
