#include "arch/folding.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "spec/feed.hpp"

namespace elb::arch {
namespace {

// The smallest factor for every different fold count of n, ascending: 1 .. n without those that only waste
// lanes.
std::vector<int> useful_factors(int n) {
  std::vector<int> out;
  for (int64_t folds = n; folds >= 1;) {
    const int64_t factor = ceil_div(n, folds);
    out.push_back(static_cast<int>(factor));
    if (folds == 1) break;
    // The next smaller count that a factor reaches.
    folds = std::min(folds - 1, ceil_div(n, factor + 1));
  }
  return out;
}

bool sendable(const StoreWork& work, const Factors& f) {
  return !work.l || *spec::tile_beats_error(tile_beats(work, f)) == '\0';
}

// The smallest P that meets the target with this S and M.
std::optional<int> smallest_p(const StoreWork& work, Factors f, int64_t target) {
  const spec::WindowParams w = with_factors(work, f);
  const int64_t per_fold = int64_t{w.out_h} * spec::output_groups_per_row(w) * w.groups * spec::folds(w);
  const int64_t folds = target / per_fold;
  if (folds < 1) return {};
  for (f.p = static_cast<int>(ceil_div(work.kernels, std::min<int64_t>(folds, work.kernels)));
       f.p <= work.kernels; ++f.p) {
    if (sendable(work, f) && engine_cycles(work, f) <= target) return f.p;
  }
  return {};
}

// Smaller is better: among equals the fewest columns, factors that divide, fewer inputs.
auto rank_of(const StoreWork& work, const Factors& f) {
  const int ragged = (work.kernels % f.p != 0 && !work.lanewise) + (work.window.channels % f.s != 0) +
                     (work.window.out_w % f.m != 0);
  return std::tuple(parallelism_cost(work, f), f.m, ragged, f.s);
}

template <class Visit>
void each_candidate(const StoreWork& work, const FixedFactors& fixed, Visit visit) {
  for (const int m : factor_candidates(fixed.m, work.window.out_w)) {
    for (const int s : factor_candidates(fixed.s, work.window.channels))
      visit(Factors{.p = s, .s = s, .m = m});
  }
}

}  // namespace

std::vector<int> factor_candidates(const std::optional<int>& fixed, int n) {
  return fixed ? std::vector<int>{*fixed} : useful_factors(n);
}

int largest_divisor(int n, int limit) {
  for (int d = std::min(n, limit);; --d) {
    if (n % d == 0) return d;
  }
}

int beat_channels(const StoreWork& work, const Factors& f) {
  if (work.lanewise) return f.s;
  if (work.l) return *work.l;
  const spec::WindowParams w = with_factors(work, f);
  const int most = w.groups > 1 ? std::gcd(f.p, work.kernels) : f.p;
  const int beats = std::clamp(spec::folds(w) / work.turns, 1, spec::kMostWays);
  for (int l = static_cast<int>(ceil_div(f.p, beats)); l < most; ++l) {
    if (most % l == 0) return l;
  }
  return most;
}

spec::TileBeats tile_beats(const StoreWork& work, const Factors& f) {
  if (work.lanewise) return {.m = f.m, .p = f.s, .l = f.s, .kernels = work.window.channels, .groups = 1};
  return {
      .m = f.m, .p = f.p, .l = beat_channels(work, f), .kernels = work.kernels, .groups = work.window.groups};
}

spec::WindowParams with_factors(const StoreWork& work, const Factors& f) {
  spec::WindowParams w = work.window;
  w.m = f.m;
  w.s = f.s;
  return w;
}

int tile_cycles(const StoreWork& work, const Factors& f) {
  const spec::WindowParams w = with_factors(work, f);
  if (work.lanewise) return spec::taps(w);
  return std::max(spec::folds(w), spec::beats_per_tile(tile_beats(work, f)));
}

int64_t engine_cycles(const StoreWork& work, const Factors& f) {
  const spec::WindowParams w = with_factors(work, f);
  const int64_t folds =
      work.lanewise ? ceil_div(w.channels, f.s) : int64_t{w.groups} * ceil_div(work.kernels, f.p);
  return int64_t{w.out_h} * spec::output_groups_per_row(w) * folds * tile_cycles(work, f);
}

int64_t parallelism_cost(const StoreWork& work, const Factors& f) {
  constexpr int64_t kKernelLane = 4, kColumn = 64;
  const int64_t lanes = work.lanewise ? 1 : f.p;
  return lanes * f.s * f.m + kKernelLane * lanes * f.m + kColumn * (f.m - 1);
}

int64_t writer_cycles(const StoreWork& work, const Factors& f) {
  return spec::feed_cycles(work.in, work.flatten, with_factors(work, f));
}

int64_t concat_cycles(const std::vector<spec::Link>& in, const spec::Link& out) {
  int64_t per_pixel = 0;
  for (const spec::Link& l : in) {
    const int64_t words = ceil_div(l.c, out.channels), beats = l.channel_beats();
    per_pixel += std::max(words, beats - ceil_div(out.channels, l.channels) + 1);
  }
  return int64_t{out.h} * out.column_groups() * per_pixel;
}

int common_channels(const std::vector<spec::Link>& in) {
  int common = 0;
  for (size_t i = 0; i + 1 < in.size(); ++i) common = std::gcd(common, in[i].c);
  return common;
}

spec::Link concat_link(const std::vector<spec::Link>& in, spec::Link out, std::optional<int> channels,
                       std::optional<int> columns, int64_t cycles) {
  const int common = common_channels(in);
  int fewest = out.w;
  for (const spec::Link& l : in) fewest = std::min(fewest, l.columns);
  out.channels = channels.value_or(1);
  out.columns = columns.value_or(fewest);
  while (concat_cycles(in, out) > cycles && !channels && out.channels < common) {
    do {
      ++out.channels;
    } while (common % out.channels != 0);
  }
  while (concat_cycles(in, out) > cycles && !columns && out.columns < out.w) ++out.columns;
  return out;
}

std::optional<Factors> smallest_factors(const StoreWork& work, const FixedFactors& fixed, int64_t target) {
  std::optional<Factors> best;
  each_candidate(work, fixed, [&](Factors f) {
    if (writer_cycles(work, f) > target) return;
    if (!work.lanewise) {
      const std::optional<int> p = fixed.p ? fixed.p : smallest_p(work, f, target);
      if (!p) return;
      f.p = *p;
    }
    if (!sendable(work, f) || engine_cycles(work, f) > target) return;
    if (!best || rank_of(work, f) < rank_of(work, *best)) best = f;
  });
  return best;
}

int64_t fewest_cycles(const StoreWork& work, const FixedFactors& fixed) {
  int64_t fewest = INT64_MAX;
  each_candidate(work, fixed, [&](Factors f) {
    if (!work.lanewise) f.p = fixed.p.value_or(work.kernels);
    fewest = std::min(fewest, std::max(engine_cycles(work, f), writer_cycles(work, f)));
  });
  return fewest;
}

}  // namespace elb::arch
