#include "arch/rates.hpp"

#include <algorithm>

#include "spec/feed.hpp"

namespace elb::arch {
namespace {

int64_t round_up(int64_t a, int64_t to) {
  return ceil_div(a, to) * to;
}

}  // namespace

RateClasses::RateClasses(const LayerShape& shape) : shape_(shape) {
  if (!vector()) return;
  const int channels = shape_.work.window.channels / (shape_.map_h * shape_.map_w);
  for (int columns = 1; columns <= shape_.map_w; ++columns) {
    for (int lanes = 1; lanes <= channels; ++lanes)
      vectors_.push_back(shape_.map_h * round_up(shape_.map_w, columns) * round_up(channels, lanes));
  }
  std::sort(vectors_.begin(), vectors_.end());
  vectors_.erase(std::unique(vectors_.begin(), vectors_.end()), vectors_.end());
}

int64_t RateClasses::reach(const Factors& f, int64_t cycles) const {
  const int64_t folds = cycles / ceil_div(shape_.work.kernels, f.p);
  return std::upper_bound(vectors_.begin(), vectors_.end(), folds * f.s) - vectors_.begin();
}

int64_t RateClasses::padded(const Factors& f) const {
  const spec::WindowParams& w = shape_.work.window;
  const int64_t channels = shape_.work.lanewise ? w.channels : int64_t{w.groups} * shape_.work.kernels;
  return round_up(w.out_w, f.m) * round_up(channels, beat_channels(shape_.work, f));
}

int RateClasses::of(const Factors& f) {
  const std::array<int, 4> key = {f.s, f.m, vector() ? f.p : 0,
                                  shape_.read_as_vector ? beat_channels(shape_.work, f) : 0};
  const auto [at, is_new] = numbers_.emplace(key, static_cast<int>(classes_.size()));
  if (is_new) {
    const spec::WindowParams w = with_factors(shape_.work, f);
    const bool may_straddle = w.groups > 1 && w.channels % w.s != 0;
    const int64_t words =
        int64_t{w.groups} * (may_straddle ? w.channels : spec::words_per_group(w) / w.groups);
    // Columns that do not divide a row nor the banks are written one by one, less than twice as many as there
    // are.
    classes_.push_back({.f = f, .most = shape_.op == nn::Op::fc ? 0 : int64_t{w.h} * 2 * w.w * words});
  }
  return at->second;
}

const std::vector<int64_t>& RateClasses::cycles(Class& c) const {
  if (!c.cycles.empty()) return c.cycles;
  spec::WindowParams w = with_factors(shape_.work, c.f);
  spec::Link in{.h = w.h, .w = w.w, .c = w.groups * w.channels};
  std::vector<int> lanes = {w.channels};
  if (w.groups > 1) lanes.push_back(in.c);  // beats straddle the groups
  for (const int channels : lanes) {
    in.channels = channels;
    for (in.columns = 1; in.columns <= w.w; ++in.columns) {
      w.in_columns = in.columns;
      c.cycles.push_back(spec::feed_cycles(in, false, w));
    }
  }
  return c.cycles;
}

RateOrder RateClasses::at(const Targets& targets) {
  const spec::WindowParams& w = shape_.work.window;
  const bool link_counts = int64_t{w.out_h} * w.out_w * shape_.reader_words > targets.low;
  struct Rates {
    int columns = 0;                   // of the link behind it, where it counts
    int64_t padded = 0;                // lanes of a row of it, where they are a vector
    int64_t lacks = 0;                 // lengths of the vector that take too long
    std::vector<int64_t> cycles = {};  // of the feed; empty: fast enough for all targets
    auto operator<=>(const Rates&) const = default;
  };
  std::map<Rates, int> numbers;
  std::vector<const Rates*> all;
  RateOrder order;
  for (Class& c : classes_) {
    Rates r{.columns = link_counts ? c.f.m : 0};
    if (shape_.read_as_vector) r.padded = padded(c.f);
    if (vector() && targets.low == targets.high)
      r.lacks = static_cast<int64_t>(vectors_.size()) - reach(c.f, targets.low);
    if (c.most > targets.low) {
      r.cycles = cycles(c);
      for (int64_t& v : r.cycles) v = std::clamp(v, targets.low, std::max(targets.low, targets.high) + 1);
      const auto [least, most] = std::minmax_element(r.cycles.begin(), r.cycles.end());
      if (*least > targets.high) {
        order.number.push_back(RateOrder::kTooSlow);
        continue;
      }
      if (*most == targets.low) r.cycles.clear();
    }
    const auto [at, is_new] = numbers.emplace(std::move(r), static_cast<int>(all.size()));
    if (is_new) all.push_back(&at->first);
    order.number.push_back(at->second);
  }
  for (const Rates* a : all) {
    std::vector<bool>& row = order.no_slower.emplace_back();
    for (const Rates* b : all) {
      const auto no_more = [](int64_t x, int64_t y) { return x <= y; };
      row.push_back(a->columns == b->columns && a->padded <= b->padded && a->lacks <= b->lacks &&
                    (a->cycles.empty() ||
                     (!b->cycles.empty() &&
                      std::equal(a->cycles.begin(), a->cycles.end(), b->cycles.begin(), no_more))));
    }
  }
  return order;
}

}  // namespace elb::arch
