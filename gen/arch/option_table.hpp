// The options of one layer shape as a search looks at them, kept from one target and one network to the next.
//
// Targets lie on a grid of 128 per octave, so that fronts (the undominated options at a target) are shared.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <vector>

#include "arch/rates.hpp"

namespace elb::arch {

// Targets: at(k) ascends with k by 0.54 % a step.
struct TargetGrid {
  static constexpr int kPerOctave = 128;
  static int64_t at(int k);
  static int index_above(int64_t cycles);  // the least k with at(k) >= cycles
};

// An octave of targets, for which tables of options are made; every half octave one begins.
struct TargetWindow {
  int number = 0;
  static constexpr int kStep = TargetGrid::kPerOctave / 2;
  int first() const { return number * kStep; }
  int last() const { return first() + TargetGrid::kPerOctave - 1; }
  bool contains(int k) const { return k >= first() && k <= last(); }
  Targets targets() const { return {.low = TargetGrid::at(first()), .high = TargetGrid::at(last())}; }
  // With k in its lower half; with k in the middle.
  static TargetWindow from(int k) { return {k / kStep}; }
  static TargetWindow around(int k) { return {std::max(0, (k - kStep / 2) / kStep)}; }
};

using Weights = std::array<double, kKinds>;

// Undominated options, with what a search asks of each side by side.
struct Front {
  std::vector<int> options;
  std::vector<Weights> costs;
  std::vector<double> surcharges;
  std::vector<int> links;
  RateOrder rates;
};

class OptionTable {
 public:
  OptionTable(LayerShape shape, std::vector<Option> options);
  const LayerShape& shape() const { return shape_; }
  const std::vector<Option>& options() const { return options_; }  // in ascending cycles

  // Of the options of at most at(k) cycles.
  const Front& front(int k);
  // Of every resource the least that an option of at most `cycles` takes; nothing where none is that fast.
  const Amounts* least(int64_t cycles) const;

  // The links that options send, numbered.
  int link_of_option(int option) const { return link_of_option_[static_cast<size_t>(option)]; }
  const std::vector<spec::Link>& links() const { return links_; }
  // Options of one class have equal feeds.
  int feed_class(int option) const { return feed_class_[static_cast<size_t>(option)]; }
  // The links that feed this layer, numbered as they are met.
  int feeding(const spec::Link& in);
  struct Feed : FeedCost {
    Weights weights{};  // the cost
  };
  const Feed& feed(int option, int feeding);

 private:
  LayerShape shape_;
  std::vector<Option> options_;
  std::vector<Amounts> least_;  // of options [0, i]
  std::map<int, Front> fronts_;
  RateClasses rate_classes_;
  std::vector<int> rate_class_;
  std::vector<int> link_of_option_;
  std::vector<spec::Link> links_;
  std::vector<int> feed_class_;
  size_t feed_classes_ = 0;
  struct Feeding {
    spec::Link in;
    std::vector<Feed> feeds;  // by class; cycles < 0: not looked at
  };
  std::vector<Feeding> feeding_;
  std::unordered_multimap<uint64_t, int> feeding_by_hash_;
};

}  // namespace elb::arch
