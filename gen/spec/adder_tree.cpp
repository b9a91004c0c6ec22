#include "spec/adder_tree.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_map>

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
constexpr int kMostColumns = 64;
constexpr int kManyBits = 2000;  // of which any rate makes much the same
constexpr int kRateBefore = 34;  // of levels before the last but one, where bits are still to come

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

// Counters from a column up, side by side several times. A search looks at thousands of levels, so a level is
// kept like this, and chains are made of the best tree alone.
struct Draw {
  int column = 0, count = 1;
  bool carry_in = false;
  int positions = 0;
  std::vector<const Counter*> counters = {};
  bool operator==(const Draw&) const = default;
  void append(const Counter* c) {
    counters.push_back(c);
    positions += c->positions();
  }
};
using Level = std::vector<Draw>;

// f(column, bits) for every column from the first on: what each chain of a draw takes of it.
template <class F>
void each_taken(const Draw& d, const Heights& h, F&& f) {
  int column = d.column, carry_in = d.carry_in ? 1 : 0;
  for (const Counter* c : d.counters) {
    f(column, carry_in + std::min(c->takes, h[column] - carry_in));
    carry_in = 0;
    if (c->positions() == 2) f(column + 1, std::min(c->above, h[column + 1]));
    column += c->positions();
  }
}

// The chain that gains most at this rate, from what is left of h; none if none gains anything.
std::optional<Draw> best_chain(const Heights& h, int rate) {
  const int columns = static_cast<int>(h.size());
  const auto gain = [&](const Counter& c, int column) {
    const int taken = std::min(c.takes, h[column]) + (c.above > 0 ? std::min(c.above, h[column + 1]) : 0);
    return kBit * (taken - c.positions() - c.second_carries) - rate * c.positions();
  };
  // From each column on, for a chain that has come so far: what it still gains, and its next counter.
  std::array<int, kMostColumns + 1> further;
  std::array<const Counter*, kMostColumns + 1> next;
  further[columns] = 0, next[columns] = nullptr;
  int best = 0, begin = -1;
  const Counter* first = nullptr;
  for (int column = columns - 1; column >= 0; --column) {
    int most = -kBit;  // it ends below, its carry is a bit here
    int most_here = 0;
    const Counter *then = nullptr, *here = nullptr;
    for_counters(h, column, [&](const Counter& c) {
      const int total = gain(c, column) + further[column + c.positions()];
      if (total > most) most = total, then = &c;
      const int begun = total + (c.carry_in && h[column] > c.takes ? kBit : 0);
      if (begun > most_here) most_here = begun, here = &c;
    });
    further[column] = most, next[column] = then;
    if (h[column] > 0 && here && most_here >= best) best = most_here, begin = column, first = here;
  }
  if (!first) return std::nullopt;
  Draw draw{.column = begin, .carry_in = first->carry_in && h[begin] > first->takes};
  const Counter* counter = first;
  for (int column = begin; counter; counter = next[column]) {
    draw.append(counter);
    column += counter->positions();
    if (column >= columns) break;
  }
  return draw;
}

Level draw_level(Heights h, int rate) {
  // Beyond so many bits of a column it makes no difference how many there are.
  constexpr int kPlenty = 7;
  Level level;
  while (std::optional<Draw> draw = best_chain(h, rate)) {
    int more = INT_MAX;  // of the same
    each_taken(*draw, h, [&](int column, int bits) {
      if (bits > 0) more = std::min(more, std::max(0, h[column] - kPlenty) / bits);
    });
    draw->count += more;
    each_taken(*draw, h, [&](int column, int bits) { h[column] -= draw->count * bits; });
    level.push_back(std::move(*draw));
  }
  return level;
}

// One chain that leaves one bit per column, if there is such a chain.
std::optional<Draw> last_chain(const Heights& h) {
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
  Draw draw{.column = begin, .carry_in = h[begin] > next[begin]->takes};
  for (int column = begin; column < columns; column += next[column]->positions()) draw.append(next[column]);
  return draw;
}

Heights behind(const Heights& h, const Level& level) {
  Heights left = h;
  std::array<int, kMostColumns + 2> made{};
  for (const Draw& d : level) {
    each_taken(d, left, [&](int column, int bits) {
      left[column] -= d.count * bits;
      made[column] += d.count;
    });
    int column = d.column;
    for (const Counter* c : d.counters) {
      made[column + 1] += d.count * c->second_carries;
      column += c->positions();
    }
    made[column] += d.count;
  }
  for (size_t i = 0; i < h.size(); ++i) left[i] += made[i];
  return left;
}

std::vector<Chain> chains_of(const Level& level, Heights h) {
  std::vector<Chain> chains;
  for (const Draw& d : level) {
    Chain chain{.column = d.column, .carry_in = d.carry_in, .kinds = {}, .taken = {}};
    each_taken(d, h, [&](int column, int bits) {
      h[column] -= d.count * bits;
      chain.taken.push_back(bits - (d.carry_in && column == d.column ? 1 : 0));
    });
    for (const Counter* c : d.counters) chain.kinds += c->kinds;
    chains.insert(chains.end(), static_cast<size_t>(d.count), chain);
  }
  return chains;
}

// What comes at a level (1, 2, ..) joins what the level before it has left.
void join(const std::vector<Heights>& later, size_t level, Heights& h) {
  if (level > later.size()) return;
  for (size_t i = 0; i < h.size(); ++i) h[i] += later[level - 1][i];
}

int64_t cost_of(const Level& level) {
  int64_t cost = 0;
  for (const Draw& d : level) {
    const bool carry4 = d.positions > 1 || d.counters.front()->kinds != "2";
    cost += d.count * tree_weight(d.positions, carry4 ? ceil_div(d.positions, 4) : 0, 0);
  }
  return cost;
}

// Registers behind all levels, and what a matrix of so many bits takes at least. A chain leaves a third of
// what it takes below the highest column, and a quarter of it there.
int64_t least_registers(const Heights& h) {
  const auto columns = static_cast<int64_t>(h.size());
  int64_t sum = 0;
  for (int64_t bits = bits_of(h) - h.back();; bits /= 4) {
    if (bits / 4 <= columns) return sum + std::max(columns, ceil_div(bits, 3));
    sum += ceil_div(bits, 3);
  }
}
int64_t least_of(const Heights& h, int64_t later_bits) {
  const int64_t bits = bits_of(h) + later_bits, columns = static_cast<int64_t>(h.size());
  // Eight bits in four sites, which have a CARRY4.
  return tree_weight(4, 1, 0) * std::max<int64_t>(0, bits - columns) / 8 + least_registers(h);
}

class Search {
 public:
  Search(const Heights& h, const std::vector<Heights>& later, bool spare, const std::optional<int64_t>& limit)
      : first_(h),
        later_(later),
        spare_(spare),
        limited_(limit.has_value()),
        best_cost_(limit.value_or(INT64_MAX)) {
    go(h, 0);
  }
  std::optional<std::vector<std::vector<Chain>>> best() const {
    if (!found_) return {};
    std::vector<std::vector<Chain>> levels;
    Heights h = first_;
    for (const Step* step : best_) {
      levels.push_back(chains_of(step->level, h));
      h = step->h;
    }
    return levels;
  }

 private:
  struct Step {
    Level level;
    Heights h;     // behind it, with what joins
    int64_t cost;  // of it
  };
  struct State {
    int64_t cost;   // at which it was reached
    size_t levels;  // at which it was reached
    bool stepped = false;
    std::optional<Step> last = {};
    std::vector<Step> steps = {};
  };
  using Key = std::pair<size_t, Heights>;  // levels at which bits are still to come, matrix
  struct Hash {
    size_t operator()(const Key& k) const {
      size_t h = k.first;
      for (const int n : k.second) h = (h ^ static_cast<size_t>(n)) * 0x9e3779b97f4a7c15u + (h >> 29);
      return h;
    }
  };

  void go(const Heights& h, int64_t cost) {
    const size_t to_come = later_.size() - std::min(later_.size(), path_.size());
    if (to_come == 0 && h.front() <= (spare_ ? 2 : 1) &&
        std::all_of(h.begin() + 1, h.end(), [](int n) { return n <= 1; })) {
      if (cost < best_cost_) keep(cost);
      return;
    }
    int64_t bits = 0;
    for (size_t i = later_.size() - to_come; i < later_.size(); ++i) bits += bits_of(later_[i]);
    if (cost + least_of(h, bits) >= best_cost_) return;
    const auto [seen, fresh] = seen_.try_emplace({to_come, h}, State{.cost = cost, .levels = path_.size()});
    State& state = seen->second;
    if (!fresh) {
      if (state.cost <= cost && state.levels <= path_.size()) return;
      state.cost = cost, state.levels = path_.size();
    }
    if (to_come == 0) {
      if (fresh) {
        if (std::optional<Draw> last = last_chain(h)) state.last = step(h, {std::move(*last)});
      }
      if (state.last) follow(*state.last, cost);
    }
    if (path_.size() + 1 >= kMostLevels + later_.size() && (found_ || limited_)) return;
    if (!state.stepped) {
      state.stepped = true;
      for (Level& level : levels_of(h, to_come)) state.steps.push_back(step(h, std::move(level)));
    }
    for (const Step& s : state.steps) follow(s, cost);
  }
  std::vector<Level> levels_of(const Heights& h, size_t to_come) const {
    std::vector<Level> levels;
    const bool many = bits_of(h) > kManyBits;
    for (const int rate : kRates) {
      if ((to_come > 1 || many) && rate != kRateBefore) continue;
      Level level = draw_level(h, rate);
      if (!level.empty() && std::find(levels.begin(), levels.end(), level) == levels.end())
        levels.push_back(std::move(level));
    }
    if (to_come == 1 || (to_come > 1 && levels.empty())) levels.emplace_back();  // all wait
    return levels;
  }
  Step step(const Heights& h, Level level) const {
    Step s{.level = std::move(level), .h = {}, .cost = 0};
    s.h = behind(h, s.level);
    s.cost = cost_of(s.level) + bits_of(s.h);
    join(later_, path_.size() + 1, s.h);
    return s;
  }
  void follow(const Step& s, int64_t cost) {
    path_.push_back(&s);
    go(s.h, cost + s.cost);
    path_.pop_back();
  }
  void keep(int64_t cost) {
    found_ = true;
    best_cost_ = cost;
    best_ = path_;
  }

  const Heights& first_;
  const std::vector<Heights>& later_;
  const bool spare_, limited_;
  std::vector<const Step*> path_, best_;
  bool found_ = false;
  int64_t best_cost_;
  std::unordered_map<Key, State, Hash> seen_;  // its states stay where they are
};

std::optional<AdderTree> plan(const Heights& heights, const std::vector<Heights>& later, bool spare,
                              const std::optional<int64_t>& limit) {
  ELB_ASSERT(!heights.empty() && heights.size() <= kMostColumns, "a sum has 1 to 64 columns");
  std::optional<std::vector<std::vector<Chain>>> levels = Search(heights, later, spare, limit).best();
  if (!levels) return {};
  AdderTree tree{.heights = heights, .later = later, .spare_bit = false, .levels = std::move(*levels)};
  Heights h = heights;
  for (size_t i = 0; i < tree.levels.size(); ++i) {
    h = heights_behind(h, tree.levels[i]);
    join(later, i + 1, h);
  }
  tree.spare_bit = h.front() == 2;
  return tree;
}

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
  return *plan(heights, later, spare, {});
}

std::optional<AdderTree> plan_adder_tree_below(int64_t limit, const Heights& heights,
                                               const std::vector<Heights>& later, bool spare) {
  return plan(heights, later, spare, limit);
}

int64_t weight(const AdderTree& tree) {
  int64_t cells = 0;
  for (const std::vector<Chain>& level : tree.levels) cells += carry4_cells(level);
  return tree_weight(lut_sites(tree), cells, registers(tree));
}

int64_t least_weight(const Heights& heights, const std::vector<Heights>& later) {
  int64_t bits = 0;
  for (const Heights& h : later) bits += bits_of(h);
  return least_of(heights, bits);
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
