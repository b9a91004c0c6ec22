#include "arch/option_table.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace elb::arch {
namespace {

uint64_t hash_of(const spec::Link& l) {
  uint64_t h = 0;
  for (const int part : {l.h, l.w, l.c, l.columns, l.channels, l.bits})
    h = (h ^ static_cast<uint64_t>(part)) * 0x9e3779b97f4a7c15u + (h >> 29);
  return h;
}

}  // namespace

int64_t TargetGrid::at(int k) {
  return static_cast<int64_t>(std::ceil(std::exp2(double(k) / kPerOctave) - 1e-9));
}

int TargetGrid::index_above(int64_t cycles) {
  int k = std::max(0, static_cast<int>(std::log2(double(cycles)) * kPerOctave) - 2);
  while (k > 0 && at(k - 1) >= cycles) --k;  // few cycles are the same at many steps
  while (at(k) < cycles) ++k;
  return k;
}

OptionTable::OptionTable(LayerShape shape, std::vector<Option> options)
    : shape_(std::move(shape)), options_(std::move(options)), rate_classes_(shape_) {
  std::map<std::pair<int, int>, int> links;
  std::map<std::tuple<int, int, int>, int> classes;
  for (const Option& o : options_) {
    const spec::Link out = link_of(shape_, o);
    const auto link = links.emplace(std::pair(out.columns, out.channels), static_cast<int>(links_.size()));
    if (link.second) links_.push_back(out);
    link_of_option_.push_back(link.first->second);
    // Of a flattened map the array's cycles depend on the link too.
    const int p = shape_.op == nn::Op::fc ? o.f.p : 0;
    const auto c = classes.emplace(std::tuple(o.f.s, o.f.m, p), static_cast<int>(classes.size()));
    feed_class_.push_back(c.first->second);
    rate_class_.push_back(rate_classes_.of(o.f));
    least_.push_back(o.cost);
    if (least_.size() == 1) continue;
    const Amounts& before = least_[least_.size() - 2];
    for (size_t kind = 0; kind < kKinds; ++kind)
      least_.back()[kind] = std::min(least_.back()[kind], before[kind]);
  }
  feed_classes_ = classes.size();
}

const Amounts* OptionTable::least(int64_t cycles) const {
  const auto end = std::upper_bound(options_.begin(), options_.end(), cycles,
                                    [](int64_t t, const Option& o) { return t < o.cycles; });
  return end == options_.begin() ? nullptr : &least_[static_cast<size_t>(end - options_.begin()) - 1];
}

const Front& OptionTable::front(int k) {
  const auto above = fronts_.lower_bound(k);
  if (above != fronts_.end() && above->first == k) return above->second;
  const auto reached = [&](int target) {
    const auto end = std::upper_bound(options_.begin(), options_.end(), TargetGrid::at(target),
                                      [](int64_t t, const Option& o) { return t < o.cycles; });
    return static_cast<int>(end - options_.begin());
  };
  // From the front below, if there is one of the same rates: only the options between the targets are looked
  // at, the slowest first, since they are the cheapest.
  struct Member {
    Amounts cost;
    int option, rate;
  };
  RateOrder rates = rate_classes_.at({.low = TargetGrid::at(k), .high = TargetGrid::at(k)});
  const auto member = [&](int i) {
    const auto at = static_cast<size_t>(i);
    return Member{
        .cost = options_[at].cost, .option = i, .rate = rates.number[static_cast<size_t>(rate_class_[at])]};
  };
  const auto beats = [&](const Member& a, const Member& b) {
    return no_more(a.cost, b.cost) && rates.at_least(a.rate, b.rate);
  };
  std::vector<Member> front;
  int begin = 0;
  if (above != fronts_.begin() && std::prev(above)->second.rates == rates) {
    for (const int i : std::prev(above)->second.options) front.push_back(member(i));
    begin = reached(std::prev(above)->first);
  }
  for (int i = reached(k) - 1; i >= begin; --i) {
    const Member m = member(i);
    if (m.rate == RateOrder::kTooSlow) continue;
    const auto better =
        std::find_if(front.begin(), front.end(), [&](const Member& f) { return beats(f, m); });
    if (better != front.end()) {
      std::swap(*better, front.front());  // it beats the neighbours too
      continue;
    }
    std::erase_if(front, [&](const Member& f) { return beats(m, f); });
    front.push_back(m);
  }
  std::sort(front.begin(), front.end(), [](const Member& a, const Member& b) {
    return a.option < b.option;  // whichever front it came from
  });
  Front& f = fronts_[k];
  f.rates = std::move(rates);
  for (const Member& m : front) {
    f.options.push_back(m.option);
    std::copy(m.cost.begin(), m.cost.end(), f.costs.emplace_back().begin());
    f.surcharges.push_back(options_[static_cast<size_t>(m.option)].surcharge);
    f.links.push_back(link_of_option(m.option));
  }
  return f;
}

int OptionTable::feeding(const spec::Link& in) {
  const uint64_t hash = hash_of(in);
  const auto [begin, end] = feeding_by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (feeding_[static_cast<size_t>(it->second)].in == in) return it->second;
  }
  const int number = static_cast<int>(feeding_.size());
  feeding_by_hash_.emplace(hash, number);
  feeding_.push_back({.in = in, .feeds = std::vector<Feed>(feed_classes_)});
  for (Feed& f : feeding_.back().feeds) f.cycles = -1;
  return number;
}

const OptionTable::Feed& OptionTable::feed(int option, int feeding) {
  Feeding& from = feeding_[static_cast<size_t>(feeding)];
  Feed& f = from.feeds[static_cast<size_t>(feed_class_[static_cast<size_t>(option)])];
  if (f.cycles < 0) {
    static_cast<FeedCost&>(f) = feed_of(shape_, options_[static_cast<size_t>(option)], from.in);
    std::copy(f.cost.begin(), f.cost.end(), f.weights.begin());
  }
  return f;
}

}  // namespace elb::arch
