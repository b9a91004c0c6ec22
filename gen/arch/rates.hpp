// The rates that an option sets beside its own cycles. They tell options apart only where some link, or some
// reader of the link that it sends, could miss a target for them:
//
//   - its feed's cycles, by the columns of the link that it reads;
//   - the columns that it sends, where a reader that stores whole pixels is not fast enough one by one;
//   - around an fc over a map, the lanes that pad its vector, and how many of them the fc has cycles for.
//
// Over several targets, options of an fc that differ by what padding rounds are taken for equal.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "arch/options.hpp"

namespace elb::arch {

// Classes of equal rates at some targets, with what is no slower than what.
struct RateOrder {
  static constexpr int kTooSlow = -1;  // whatever the link
  std::vector<int> number;             // by class of RateClasses
  std::vector<std::vector<bool>> no_slower;
  bool operator==(const RateOrder&) const = default;
  // Of numbers: whether a is no slower than b, whatever is in front of it and behind it.
  bool at_least(int a, int b) const {
    return a == b || no_slower[static_cast<size_t>(a)][static_cast<size_t>(b)];
  }
};

class RateClasses {
 public:
  explicit RateClasses(const LayerShape& shape);
  int of(const Factors& f);  // a class, by number
  // Of the classes met so far.
  RateOrder at(const Targets& targets);

 private:
  struct Class {
    Factors f;
    int64_t most = 0;                  // cycles of a feed, no link needs more
    std::vector<int64_t> cycles = {};  // by link; empty: not looked at
  };
  const std::vector<int64_t>& cycles(Class& c) const;

  bool vector() const { return shape_.map_h > 1 || shape_.map_w > 1; }
  // Of the lengths that a map's lanes may have, how many the array takes in so many cycles.
  int64_t reach(const Factors& f, int64_t cycles) const;
  // Lanes of a row of the link that it sends.
  int64_t padded(const Factors& f) const;

  LayerShape shape_;
  std::map<std::array<int, 4>, int> numbers_;  // by inputs, columns, and what else they depend on
  std::vector<int64_t> vectors_;               // ascending: how long a map's lanes may be
  std::vector<Class> classes_;
};

}  // namespace elb::arch
