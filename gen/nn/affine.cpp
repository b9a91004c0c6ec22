#include "nn/affine.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/bits.hpp"
#include "nn/codes.hpp"

namespace elb::nn {
namespace {

// Products alpha t stay far from the ends of 64 bits, where beta and levels are added to them.
int64_t alpha_max(Interval t) {
  constexpr int64_t kProductMax = int64_t{1} << 61;
  const int64_t t_max = std::max({std::abs(t.lo), std::abs(t.hi), int64_t{1}});
  return std::min((int64_t{1} << (kAffineAlphaBits - 1)) - 1, kProductMax / t_max);
}

// A rising staircase over [lo, hi]: `always` steps lie at or below lo, then the points within, `n` steps in
// all.
struct Stairs {
  int64_t lo = 0, hi = 0;
  int always = 0;
  std::vector<int64_t> points;
  int n = 0;
  std::vector<size_t> corners = {};  // of the points, by which all of them are bounded
};

// The convex hull of (step, point), since only there level - alpha point is the largest or smallest.
std::vector<size_t> corners_of(const std::vector<int64_t>& points) {
  std::vector<size_t> all;
  for (const int side : {1, -1}) {
    std::vector<size_t> chain;
    for (size_t i = 0; i < points.size(); ++i) {
      const auto bends = [&] {
        const size_t a = chain[chain.size() - 2], b = chain.back();
        const int64_t before = (points[b] - points[a]) * static_cast<int64_t>(i - b);
        const int64_t after = (points[i] - points[b]) * static_cast<int64_t>(b - a);
        return side * (after - before) > 0;
      };
      while (chain.size() >= 2 && !bends()) chain.pop_back();
      chain.push_back(i);
    }
    all.insert(all.end(), chain.begin(), chain.end());
  }
  return all;
}

// Reversed steps rise over -T: code = #{T < p} = #{-T >= 1 - p}.
Stairs stairs_of(const Steps& steps, Interval t) {
  Stairs s{.lo = t.lo,
           .hi = t.hi,
           .always = 0,
           .points = steps.points,
           .n = static_cast<int>(steps.points.size())};
  if (steps.reversed) {
    s.lo = -t.hi;
    s.hi = -t.lo;
    std::reverse(s.points.begin(), s.points.end());
    for (int64_t& p : s.points) p = 1 - p;
  }
  const auto first = std::upper_bound(s.points.begin(), s.points.end(), s.lo);
  s.always = static_cast<int>(first - s.points.begin());
  s.points = {first, std::upper_bound(s.points.begin(), s.points.end(), s.hi)};
  s.corners = corners_of(s.points);
  return s;
}

// What beta may be, for one alpha and shift; empty where lo > hi.
Interval beta_range(const Stairs& s, int64_t alpha, int shift) {
  const int64_t unit = int64_t{1} << shift;
  const int reached = s.always + static_cast<int>(s.points.size());
  Interval b{.lo = INT64_MIN / 2, .hi = INT64_MAX / 2};
  if (s.always > 0) b.lo = s.always * unit - alpha * s.lo;
  if (reached < s.n) b.hi = (reached + 1) * unit - 1 - alpha * s.hi;
  for (const size_t i : s.corners) {
    const int64_t level = (s.always + static_cast<int64_t>(i) + 1) * unit;
    b.lo = std::max(b.lo, level - alpha * s.points[i]);
    b.hi = std::min(b.hi, level - 1 - alpha * (s.points[i] - 1));
  }
  return b;
}

// All slopes that can pass between the first and the last point: those two alone bound alpha on both sides.
Interval alpha_bracket(const Stairs& s, int shift) {
  const int64_t rise = (static_cast<int64_t>(s.points.size()) - 1) << shift;
  const int64_t run = s.points.back() - s.points.front();
  const int64_t most = alpha_max({.lo = s.lo, .hi = s.hi});
  const int64_t hi = run > 1 ? (rise - 1) / (run - 1) : most;
  return {.lo = ceil_div(rise + 1, run + 1), .hi = std::min(hi, most)};
}

// The smallest alpha that leaves room for beta.
std::optional<Affine> solve(const Stairs& s, int shift) {
  const auto room = [&](int64_t alpha) {
    const Interval b = beta_range(s, alpha, shift);
    return b.hi - b.lo;
  };
  // Climb the concave room until it is enough ...
  auto [lo, hi] = alpha_bracket(s, shift);
  std::optional<int64_t> enough;
  while (lo <= hi && !enough) {
    const int64_t middle = lo + (hi - lo) / 2;
    const int64_t here = room(middle);
    if (here >= 0) {
      enough = middle;
    } else if (here < room(middle + 1)) {
      lo = middle + 1;
    } else {
      hi = middle - 1;
    }
  }
  if (!enough) return std::nullopt;
  // ... then walk down its left flank: below `lo` there is never room.
  while (lo < *enough) {
    const int64_t middle = lo + (*enough - lo) / 2;
    if (room(middle) >= 0) {
      enough = middle;
    } else {
      lo = middle + 1;
    }
  }
  const Interval b = beta_range(s, *enough, shift);
  return Affine{.alpha = *enough, .beta = b.lo + (b.hi - b.lo) / 2, .shift = shift};
}

}  // namespace

int64_t Affine::code(int64_t t, int n) const {
  return std::clamp<int64_t>((alpha * t + beta) >> shift, 0, n);
}

bool affine_equals(const Affine& affine, const Steps& steps, Interval t) {
  const int n = static_cast<int>(steps.points.size());
  const auto equal = [&](int64_t at) {
    return at < t.lo || at > t.hi || affine.code(at, n) == steps.code(at);
  };
  if (!equal(t.lo) || !equal(t.hi)) return false;
  return std::all_of(steps.points.begin(), steps.points.end(),
                     [&](int64_t p) { return equal(p) && equal(p - 1); });
}

std::optional<Affine> find_affine(const Steps& steps, Interval t) {
  const Stairs s = stairs_of(steps, t);
  std::optional<Affine> best;
  if (s.points.empty()) {
    best = Affine{.alpha = 0, .beta = s.always, .shift = 0};
  } else {
    for (int shift = 0; shift <= kAffineMaxShift && !best; ++shift) best = solve(s, shift);
    if (!best) return std::nullopt;
    if (steps.reversed) best->alpha = -best->alpha;
  }
  ELB_ASSERT(affine_equals(*best, steps, t), "affine constants do not reproduce their switching points");
  return best;
}

std::optional<std::vector<Affine>> find_affine(const std::vector<Steps>& steps,
                                               const std::vector<Interval>& t) {
  ELB_ASSERT(steps.size() == t.size(), "one interval for each channel");
  std::vector<Affine> out;
  int shift = 0;
  for (size_t c = 0; c < steps.size(); ++c) {
    const auto affine = find_affine(steps[c], t[c]);
    if (!affine) return std::nullopt;
    out.push_back(*affine);
    shift = std::max(shift, affine->shift);
  }
  for (size_t c = 0; c < out.size(); ++c) {
    Affine& a = out[c];
    const int64_t factor = int64_t{1} << (shift - a.shift);
    if (std::abs(a.alpha) > alpha_max(t[c]) / factor) return std::nullopt;
    a.alpha *= factor;
    a.beta *= factor;
    a.shift = shift;
  }
  return out;
}

const std::optional<std::vector<Affine>>& AffineMemo::of(const CodeDomain& domain) {
  std::call_once(once_, [&] { found_ = find_affine(domain.steps, domain.t_channel); });
  return found_;
}

}  // namespace elb::nn
