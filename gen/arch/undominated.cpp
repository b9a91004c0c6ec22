#include "arch/undominated.hpp"

#include <algorithm>
#include <bit>

namespace elb::arch {
namespace {

constexpr size_t kWord = 64;
constexpr size_t kSample = 2048;  // enough to tell where the steps lie

}  // namespace

Undominated::Undominated(const std::vector<Amounts>& all, const RateOrder* rates)
    : rates_(rates), no_slower_(rates && rates->no_slower.size() > 1 ? rates->no_slower.size() : 0) {
  for (size_t kind = 0; kind < kKinds; ++kind) {
    std::vector<int64_t> values;
    for (size_t i = 0; i < all.size(); i += 1 + all.size() / kSample) values.push_back(all[i][kind]);
    std::sort(values.begin(), values.end());
    for (size_t step = 1; step < kSteps; ++step) {
      const size_t at = step * values.size() / kSteps;
      if (at < values.size() && (bounds_[kind].empty() || bounds_[kind].back() < values[at]))
        bounds_[kind].push_back(values[at]);
    }
  }
}

bool Undominated::offer(const Amounts& a, int rate) {
  const bool rates_differ = !no_slower_.empty();
  if (last_ < kept_.size() && no_more(kept_[last_], a) &&
      (!rates_differ || rates_->at_least(kept_rates_[last_], rate)))
    return false;
  std::array<size_t, kKinds> step;
  std::array<const uint64_t*, kKinds> sets;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    const std::vector<int64_t>& bounds = bounds_[kind];
    step[kind] =
        static_cast<size_t>(std::upper_bound(bounds.begin(), bounds.end(), a[kind]) - bounds.begin());
    sets[kind] = at_most_[kind][step[kind]].data();
  }
  // The latest first: what undercuts one is mostly near.
  for (size_t word = (kept_.size() + kWord - 1) / kWord; word-- > 0;) {
    uint64_t common = sets[0][word];
    for (size_t kind = 1; kind < kKinds; ++kind) common &= sets[kind][word];
    if (rates_differ) common &= no_slower_[static_cast<size_t>(rate)][word];
    for (; common != 0; common &= common - 1) {
      const size_t i = word * kWord + static_cast<size_t>(std::countr_zero(common));
      if (!no_more(kept_[i], a)) continue;
      last_ = i;
      return false;
    }
  }
  for (size_t kind = 0; kind < kKinds; ++kind) {
    for (size_t s = 0; s < kSteps; ++s) {
      std::vector<uint64_t>& set = at_most_[kind][s];
      if (kept_.size() % kWord == 0) set.push_back(0);
      if (s >= step[kind]) set.back() |= uint64_t{1} << kept_.size() % kWord;
    }
  }
  for (size_t i = 0; i < no_slower_.size(); ++i) {
    if (kept_.size() % kWord == 0) no_slower_[i].push_back(0);
    if (rates_->at_least(rate, static_cast<int>(i)))
      no_slower_[i].back() |= uint64_t{1} << kept_.size() % kWord;
  }
  kept_.push_back(a);
  kept_rates_.push_back(rate);
  return true;
}

}  // namespace elb::arch
