// Of amounts offered one after the other, those that no earlier one undercuts in every resource.
//
// A table of options has some hundred thousand of them, of which some ten thousand stay. So those kept stand
// in bit sets, for each resource by what they take of it in steps: the sets of those that take no more than a
// step of each resource have few in common, which are compared one by one.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "arch/amounts.hpp"
#include "arch/rates.hpp"

namespace elb::arch {

class Undominated {
 public:
  // All that will be offered; `rates`: only what is no slower undercuts.
  explicit Undominated(const std::vector<Amounts>& all, const RateOrder* rates = nullptr);
  // Whether it stays. `rate`: a number of `rates`.
  bool offer(const Amounts& a, int rate = 0);

 private:
  static constexpr size_t kSteps = 64;
  std::array<std::vector<int64_t>, kKinds> bounds_;                        // between the steps
  std::array<std::array<std::vector<uint64_t>, kSteps>, kKinds> at_most_;  // of a step, and of those below it
  const RateOrder* rates_;
  std::vector<std::vector<uint64_t>> no_slower_;  // than a number of rates_
  std::vector<Amounts> kept_;
  std::vector<int> kept_rates_;
  size_t last_ = 0;  // that undercut one: it undercuts its neighbours
};

}  // namespace elb::arch
