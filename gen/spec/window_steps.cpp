#include "spec/window_steps.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "base/int_math.hpp"
#include "spec/cost.hpp"
#include "spec/logic_cost.hpp"
#include "spec/table_cost.hpp"

namespace elb::spec {
namespace {

// Where tables along a counter change: a comparison each, whichever tables they are of.
class Boundaries {
 public:
  void changes_at(int64_t place) { places_.insert(place); }
  int count() const { return static_cast<int>(places_.size()); }
  Resources cost(int64_t positions) const {
    const int bits = positions > 1 ? bits_for(positions - 1) : 0;
    constexpr int kAbsorbed = 2;  // by the LUTs behind
    if (bits <= kAbsorbed) return {};
    return logic(static_cast<int64_t>(places_.size()) * (bits <= kLutInputs ? 1 : 2));
  }

 private:
  std::set<int64_t> places_;
};

// A step as a function of the place, modulo 2^n: columns[G] inside a row, where active[oy], and rows[oy] at
// its end.
struct StepTable {
  std::vector<int64_t> columns, rows;
  std::vector<bool> active;  // empty: in every row
  bool stops() const { return std::find(active.begin(), active.end(), false) != active.end(); }
};

// Its bits as functions of the counters, each distinct one once.
StepLuts step_luts(const StepTable& t, int bits) {
  const auto groups = static_cast<int64_t>(t.columns.size()) + 1, rows = static_cast<int64_t>(t.rows.size());
  const bool stops = t.stops();
  std::set<std::pair<std::vector<bool>, std::vector<bool>>> seen;
  StepLuts r;
  for (int bit = 0; bit < bits; ++bit) {
    std::vector<bool> column, row;
    for (const int64_t v : t.columns) column.push_back(((v >> bit) & 1) != 0);
    // The table of a row has 0 at its end, which yosys does not know to be where the row's step counts.
    if (groups > 4) column.push_back(false);
    for (const int64_t v : t.rows) row.push_back(((v >> bit) & 1) != 0);
    const auto has = [](const std::vector<bool>& of, bool v) {
      return std::find(of.begin(), of.end(), v) != of.end();
    };
    if (!has(column, true) && !has(row, true)) continue;
    if (!seen.insert({column, row}).second) continue;
    ++r.distinct;
    const bool by_column = has(column, true) && has(column, false);
    const bool by_row = (has(row, true) && has(row, false)) || (stops && has(column, true));
    const bool by_end = !column.empty() && (by_column || by_row || column.front() != row.front());
    // Up to four places the end is a function of the counter.
    const bool counter = by_column || (by_end && groups <= 4);
    const int inputs = (counter ? bits_for(groups - 1) : 0) + (by_end && groups > 4 ? 1 : 0) +
                       (by_row ? bits_for(rows - 1) : 0);
    r.luts += inputs > 1 ? 1 : 0;
    r.by_row = r.by_row || by_row;
    r.by_column = r.by_column || by_end;
    r.wide = r.wide || inputs > kLutInputs;
  }
  return r;
}

struct ReaderTables {
  StepTable needed, released;
  Boundaries rows, columns;
  Steps surplus, release, place;
};

void add_need(const WindowParams& w, ReaderTables& t) {
  const int last = output_groups_per_row(w) - 1;
  int64_t before = 0;
  for (int g = 0; g < last; ++g) {
    const int64_t step = need(w, 0, g + 1) - need(w, 0, g);
    t.surplus.add(-step);
    t.needed.columns.push_back(-step);
    if (g > 0 && step != before) t.columns.changes_at(g);
    before = step;
  }
  for (int oy = 0; oy < w.out_h; ++oy) {
    const int64_t next = oy + 1 < w.out_h ? need(w, oy + 1, 0) : groups_per_frame(w) + need(w, 0, 0);
    const int64_t step = next - need(w, oy, last);
    t.surplus.add(-step);
    t.needed.rows.push_back(-step);
    if (oy > 0 && step != before) t.rows.changes_at(oy);
    before = step;
  }
}

void add_release(const WindowParams& w, ReaderTables& t) {
  const int last = output_groups_per_row(w) - 1;
  int64_t row_before = 0, step_before = 0;
  int active_row = -1;
  bool active_before = false;
  t.release.add(0);
  for (int oy = 0; oy < w.out_h; ++oy) {
    const int64_t inner = last > 0 ? release(w, oy, last - 1) : row_before;
    const int64_t end = release(w, oy, last), step = end - inner;
    const bool active = inner != row_before;
    t.release.add(-step);
    t.released.rows.push_back(-step);
    t.released.active.push_back(active);
    if (active) active_row = oy;
    if (oy > 0 && (step != step_before || active != active_before)) t.rows.changes_at(oy);
    row_before = end, step_before = step, active_before = active;
  }
  t.released.columns.assign(static_cast<size_t>(last), 0);
  if (active_row < 0) return;
  int64_t before = active_row > 0 ? release(w, active_row - 1, last) : 0;
  for (int g = 0; g < last; ++g) {
    const int64_t now = release(w, active_row, g);
    t.release.add(before - now);
    t.released.columns[static_cast<size_t>(g)] = before - now;
    if (g > 0 && now - before != step_before) t.columns.changes_at(g);
    step_before = now - before, before = now;
  }
}

void add_place(const WindowParams& w, const WindowRing& ring, ReaderTables& t) {
  const int64_t gi = groups_per_row(w), columns = output_groups_per_row(w);
  const int64_t step = int64_t{w.m} * w.sw / banks(w);
  if (columns > 1) t.place.add(step * ring.stride);
  if (w.out_h > 1) t.place.add((w.sh * gi - (columns - 1) * step) * ring.stride);
  t.place.add((groups_per_frame(w) - int64_t{w.out_h - 1} * w.sh * gi - (columns - 1) * step) * ring.stride);
  if (w.out_h > 1) t.rows.changes_at(w.out_h - 1);
}

// The values that a step's table has. Inside a row of more than two places it has 0 at the end, which yosys
// does not know to be where the row's own step counts.
int registers_of_step(const StepTable& t, int bits) {
  Steps steps(int64_t{1} << bits);
  for (const int64_t v : t.columns) steps.add(v);
  for (const int64_t v : t.rows) steps.add(v);
  if (t.columns.size() > 1 || (t.stops() && !t.columns.empty())) steps.add(0);
  return steps.patterns();
}

}  // namespace

bool pads_rows(const WindowParams& w) {
  return w.top > 0 || (w.out_h - 1) * w.sh - w.top + (w.kh - 1) * w.dh >= w.h;
}
bool pads_columns(const WindowParams& w) {
  return w.left > 0 || (w.out_w - 1) * w.sw - w.left + (w.kw - 1) * w.dw >= w.w;
}

ReaderFigures reader_figures(const WindowParams& w) {
  const WindowRing ring = window_ring(w);
  const int count_bits = group_count_bits(w);
  const int64_t counts = int64_t{1} << count_bits;
  ReaderTables t{.needed = {},
                 .released = {},
                 .rows = {},
                 .columns = {},
                 .surplus = Steps(counts),
                 .release = Steps(counts),
                 .place = Steps(ring.words)};
  add_need(w, t);
  add_release(w, t);
  add_place(w, ring, t);
  const StepLuts needed = step_luts(t.needed, count_bits);
  const StepLuts released = step_luts(t.released, count_bits);
  const int release_registers = registers_of_step(t.released, count_bits);
  // Steps that are the same share their registers.
  const bool same =
      !t.released.stops() && t.needed.columns == t.released.columns && t.needed.rows == t.released.rows;
  const int64_t gi = groups_per_row(w), columns = output_groups_per_row(w);
  // Positions go on from row to row as in a row, and from frame to frame as from row to row.
  const int64_t step = int64_t{w.m} * w.sw / banks(w), row_step = w.sh * gi - (columns - 1) * step;
  const int64_t frame_step = groups_per_frame(w) - int64_t{w.out_h - 1} * w.sh * gi - (columns - 1) * step;
  const auto differ = [&](int64_t a, int64_t b) { return floor_mod((a - b) * ring.stride, ring.words) != 0; };
  const bool rows_differ = w.out_h > 1 && differ(row_step, frame_step);
  const bool by_row = needed.by_row || released.by_row || rows_differ || pads_rows(w);
  const bool by_column = needed.by_column || released.by_column || pads_columns(w) || by_row ||
                         (columns > 1 && differ(step, frame_step));
  return {.boundaries = t.rows.cost(w.out_h) + t.columns.cost(output_groups_per_row(w)),
          .changes = t.rows.count() + t.columns.count(),
          .surplus_ones = t.surplus.ever_one(),
          .release_ones = t.release.ever_one(),
          .release_bits = t.release.distinct(),
          .release_registers = release_registers,
          .step_registers = release_registers + (same ? 0 : registers_of_step(t.needed, count_bits)),
          .place_bits = t.place.varying(),
          .place_patterns = t.place.patterns(),
          .place_zeros = t.place.low_zeros(),
          .needed = needed,
          .released = released,
          .by_row = by_row,
          .by_column = by_column};
}

}  // namespace elb::spec
