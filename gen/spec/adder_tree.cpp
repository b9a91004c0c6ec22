#include "spec/adder_tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>

#include "base/assert.hpp"
#include "base/bits.hpp"

namespace elb::spec {
namespace {

using Heights = std::vector<int>;

// What a chain may contain.
struct Counter {
  std::string_view kinds;
  int least = 0;             // bits in its column below which another counter does the same
  int takes = 0, above = 0;  // at most, of its column and of the next
  int second_carries = 0;
  bool carry_in = true;  // may begin a chain that has a carry_in
  int positions() const { return static_cast<int>(kinds.size()); }
};
constexpr std::array<Counter, 4> kInner{
    {{"60", 4, 6, 0, 0, true}, {"c", 3, 4, 0, 1, false}, {"41", 3, 4, 1, 0, true}, {"2", 0, 2, 0, 0, true}}};
constexpr std::array<Counter, 2> kHighest{{{"6", 3, 6, 0, 0, true}, {"2", 0, 2, 0, 0, true}}};

// Gains count in twentieths of a bit, rates in twentieths of a bit per site.
constexpr int kBit = 20;
constexpr std::array<int, 6> kRates{39, 34, 29, 24, 19, 12};
constexpr int kMostLevels = 8;
constexpr int kRateBefore = 34;  // of levels before the last but one, where bits are still to come
// What counts, in sixteenths of a site. A slice has four sites, one CARRY4 and eight registers.
constexpr int64_t kSite = 16, kCarry4 = 4;

int bits_of(const Heights& h) {
  return std::accumulate(h.begin(), h.end(), 0);
}

template <class F>
void for_counters(const Heights& h, int column, F&& f) {
  const bool highest = column + 1 == static_cast<int>(h.size());
  const auto each = [&](const Counter& c) {
    if (h[column] >= c.least) f(c);
  };
  if (highest) {
    std::for_each(kHighest.begin(), kHighest.end(), each);
  } else {
    std::for_each(kInner.begin(), kInner.end(), each);
  }
}

void append(Chain& chain, const Counter& c, const Heights& h, int column) {
  chain.kinds += c.kinds;
  chain.taken.push_back(std::min(c.takes, h[column]));
  if (c.positions() == 2) chain.taken.push_back(std::min(c.above, h[column + 1]));
}

// The chain that gains most at this rate, from what is left of h; none if none gains anything.
std::optional<Chain> best_chain(const Heights& h, int rate) {
  const int columns = static_cast<int>(h.size());
  const auto gain = [&](const Counter& c, int column) {
    const int taken = std::min(c.takes, h[column]) + (c.above > 0 ? std::min(c.above, h[column + 1]) : 0);
    return kBit * (taken - c.positions() - c.second_carries) - rate * c.positions();
  };
  // From each column on, for a chain that has come so far: what it still gains, and its next counter.
  std::vector<int> further(columns + 1, 0);
  std::vector<const Counter*> next(columns + 1, nullptr);
  for (int column = columns - 1; column >= 0; --column) {
    further[column] = -kBit;  // it ends below, its carry is a bit here
    for_counters(h, column, [&](const Counter& c) {
      const int total = gain(c, column) + further[column + c.positions()];
      if (total > further[column]) {
        further[column] = total;
        next[column] = &c;
      }
    });
  }
  int best = 0, begin = -1;
  const Counter* first = nullptr;
  for (int column = 0; column < columns; ++column) {
    if (h[column] == 0) continue;
    for_counters(h, column, [&](const Counter& c) {
      const int carry_in = c.carry_in && h[column] > c.takes ? kBit : 0;
      const int total = gain(c, column) + carry_in + further[column + c.positions()];
      if (total > best) {
        best = total;
        begin = column;
        first = &c;
      }
    });
  }
  if (!first) return std::nullopt;
  Chain chain{
      .column = begin, .carry_in = first->carry_in && h[begin] > first->takes, .kinds = {}, .taken = {}};
  const Counter* counter = first;
  for (int column = begin; counter; counter = next[column]) {
    append(chain, *counter, h, column);
    column += counter->positions();
    if (column >= columns) break;
  }
  return chain;
}

std::vector<Chain> draw_level(Heights h, int rate) {
  std::vector<Chain> level;
  while (const std::optional<Chain> chain = best_chain(h, rate)) {
    if (chain->carry_in) --h[chain->column];
    for (int i = 0; i < chain->positions(); ++i) h[chain->column + i] -= chain->taken[i];
    level.push_back(*chain);
  }
  return level;
}

// One chain that leaves one bit per column, if there is such a chain.
std::optional<Chain> last_chain(const Heights& h) {
  const int columns = static_cast<int>(h.size());
  const auto high = std::find_if(h.begin(), h.end(), [](int n) { return n > 1; });
  const int begin = static_cast<int>(high - h.begin());
  ELB_ASSERT(begin < columns, "a sum that is done needs no chain");
  std::vector<const Counter*> next(columns + 1, nullptr);
  std::vector<bool> ends(columns + 1, false);
  ends[columns] = true;
  for (int column = columns - 1; column >= begin; --column) {
    for_counters(h, column, [&](const Counter& c) {
      const int carry_in = column == begin && c.carry_in ? 1 : 0;
      const bool above = c.positions() < 2 || h[column + 1] <= c.above;
      if (c.second_carries > 0 || h[column] > c.takes + carry_in || !above || !ends[column + c.positions()])
        return;
      ends[column] = true;
      if (!next[column] || next[column]->takes > c.takes) next[column] = &c;
    });
  }
  if (!next[begin]) return std::nullopt;
  Chain chain{.column = begin, .carry_in = h[begin] > next[begin]->takes, .kinds = {}, .taken = {}};
  for (int column = begin; column < columns; column += next[column]->positions())
    append(chain, *next[column], h, column);
  return chain;
}

// What comes at a level (1, 2, ..) joins what the level before it has left.
void join(const std::vector<Heights>& later, size_t level, Heights& h) {
  if (level > later.size()) return;
  for (size_t i = 0; i < h.size(); ++i) h[i] += later[level - 1][i];
}

class Search {
 public:
  Search(const Heights& h, const std::vector<Heights>& later, bool spare) : later_(later), spare_(spare) {
    go(h, 0);
  }
  std::vector<std::vector<Chain>> best() && { return std::move(best_); }

 private:
  using Levels = std::vector<std::vector<Chain>>;

  void go(const Heights& h, int64_t cost) {
    const int64_t columns = static_cast<int64_t>(h.size());
    const size_t to_come = later_.size() - std::min(later_.size(), path_.size());
    if (to_come == 0 && h.front() <= (spare_ ? 2 : 1) &&
        std::all_of(h.begin() + 1, h.end(), [](int n) { return n <= 1; })) {
      if (!found_ || cost < best_cost_) keep(cost);
      return;
    }
    int64_t bits = bits_of(h);
    for (size_t i = later_.size() - to_come; i < later_.size(); ++i) bits += bits_of(later_[i]);
    const int64_t least = kSite * ceil_div(std::max<int64_t>(0, bits - columns), 2) + columns;
    if (found_ && cost + least >= best_cost_) return;
    const auto [seen, fresh] = seen_.try_emplace({to_come, h}, cost, path_.size());
    if (!fresh) {
      if (seen->second.first <= cost && seen->second.second <= path_.size()) return;
      seen->second = {cost, path_.size()};
    }
    if (to_come == 0) {
      if (const std::optional<Chain> last = last_chain(h)) step(h, {*last}, cost);
    }
    if (path_.size() + 1 >= kMostLevels + later_.size() && found_) return;
    Levels levels;
    for (const int rate : kRates) {
      if (to_come > 1 && rate != kRateBefore) continue;
      std::vector<Chain> level = draw_level(h, rate);
      if (!level.empty() && std::find(levels.begin(), levels.end(), level) == levels.end())
        levels.push_back(std::move(level));
    }
    if (to_come == 1 || (to_come > 1 && levels.empty())) levels.emplace_back();  // all wait
    for (const std::vector<Chain>& level : levels) step(h, level, cost);
  }
  void step(const Heights& h, const std::vector<Chain>& level, int64_t cost) {
    Heights behind = heights_behind(h, level);
    for (const Chain& chain : level) cost += kSite * chain.positions();
    cost += kCarry4 * carry4_cells(level);
    cost += bits_of(behind);
    path_.push_back(level);
    join(later_, path_.size(), behind);
    go(behind, cost);
    path_.pop_back();
  }
  void keep(int64_t cost) {
    found_ = true;
    best_cost_ = cost;
    best_ = path_;
  }

  const std::vector<Heights>& later_;
  const bool spare_;
  Levels path_, best_;
  bool found_ = false;
  int64_t best_cost_ = 0;
  // Levels at which bits are still to come, matrix -> cost and levels at which it was reached.
  std::map<std::pair<size_t, Heights>, std::pair<int64_t, size_t>> seen_;
};

}  // namespace

std::vector<int> heights_behind(const std::vector<int>& heights, const std::vector<Chain>& level) {
  const int columns = static_cast<int>(heights.size());
  std::vector<int> left = heights, made(heights.size() + 2, 0);
  for (const Chain& chain : level) {
    ELB_ASSERT(chain.column + chain.positions() <= columns, "a chain lies in the matrix");
    if (chain.carry_in) --left[chain.column];
    for (int i = 0; i < chain.positions(); ++i) {
      left[chain.column + i] -= chain.taken[i];
      ++made[chain.column + i];
      if (chain.kinds[i] == 'c') ++made[chain.column + i + 1];
    }
    ++made[chain.column + chain.positions()];
  }
  for (int i = 0; i < columns; ++i) {
    ELB_ASSERT(left[i] >= 0, "a chain takes a bit that another has");
    left[i] += made[i];
  }
  return left;
}

AdderTree plan_adder_tree(const Heights& heights, const std::vector<Heights>& later, bool spare) {
  ELB_ASSERT(!heights.empty(), "a sum has bits");
  AdderTree tree{heights, later, false, Search(heights, later, spare).best()};
  Heights h = heights;
  for (size_t i = 0; i < tree.levels.size(); ++i) {
    h = heights_behind(h, tree.levels[i]);
    join(later, i + 1, h);
  }
  tree.spare_bit = h.front() == 2;
  return tree;
}

int lut_sites(const AdderTree& tree) {
  int sites = 0;
  for (const std::vector<Chain>& level : tree.levels) {
    for (const Chain& chain : level) sites += chain.positions();
  }
  return sites;
}

int carry4_cells(const std::vector<Chain>& chains) {
  int cells = 0;
  for (const Chain& chain : chains) {
    if (chain.kinds != "2") cells += static_cast<int>(ceil_div(chain.positions(), 4));
  }
  return cells;
}

int64_t registers(const AdderTree& tree) {
  int64_t sum = 0;
  Heights h = tree.heights;
  size_t number = 0;
  for (const std::vector<Chain>& level : tree.levels) {
    h = heights_behind(h, level);
    sum += bits_of(h);
    join(tree.later, ++number, h);
  }
  return sum;
}

}  // namespace elb::spec
