#include "hw/reader_parts.hpp"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/assert.hpp"
#include "base/int_math.hpp"
#include "hw/window_writer.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

// How a value that is the sum of a row part and a column part steps through the (oy, G) loop: by columns[G]
// inside a row, by rows[oy] at its end.
struct Steps {
  std::vector<int64_t> columns, rows;
};

Steps need_steps(const spec::WindowParams& w) {
  Steps s;
  const int last = spec::output_groups_per_row(w) - 1;
  for (int g = 0; g <= last; ++g)
    s.columns.push_back(g == last ? 0 : spec::need(w, 0, g + 1) - spec::need(w, 0, g));
  for (int oy = 0; oy < w.out_h; ++oy) {
    const int64_t next =
        oy + 1 < w.out_h ? spec::need(w, oy + 1, 0) : spec::groups_per_frame(w) + spec::need(w, 0, 0);
    s.rows.push_back(next - spec::need(w, oy, last));
  }
  return s;
}

// What the end of (oy, G) releases: columns[G] where row_active[oy] and G is not the last, rows[oy] where it
// is.
struct ReleaseSteps {
  std::vector<int64_t> columns, rows, row_active;
};

ReleaseSteps release_steps(const spec::WindowParams& w) {
  ReleaseSteps s;
  const int last = spec::output_groups_per_row(w) - 1;
  s.columns.assign(last + 1, 0);
  int64_t before = 0;
  for (int oy = 0; oy < w.out_h; ++oy) {
    std::vector<int64_t> row;
    for (int g = 0; g <= last; ++g) {
      const int64_t now = spec::release(w, oy, g);
      row.push_back(now - before);
      before = now;
    }
    s.rows.push_back(row.back());
    row.back() = 0;
    const bool active = std::any_of(row.begin(), row.end(), [](int64_t v) { return v != 0; });
    if (active) s.columns = row;
    s.row_active.push_back(active);
  }
  return s;
}

Sig table(hdl::Module& m, const LoopCounter& c, const std::vector<int64_t>& values, int64_t modulus,
          int width) {
  std::vector<int64_t> wrapped;
  for (int64_t v : values) wrapped.push_back(floor_mod(v, modulus));
  return by_runs(m, c.value, wrapped, u(width));
}

int64_t ring_step(const spec::WindowParams& w, int64_t groups) {
  const spec::WindowRing ring = spec::window_ring(w);
  return floor_mod(groups * ring.stride, ring.words);
}

}  // namespace

TileLoops tile_loops(hdl::Module& m, const WindowStoreParams& p, WindowReader& r) {
  const spec::WindowParams& w = p.window;
  TileLoops loops;
  loops.step = m.wire("step", u(1));
  loops.start = m.wire("start", u(1));
  r.step = Sig(loops.step);
  r.kx = counter_with_last(m, "kx_q", w.kw);
  r.ky = counter_with_last(m, "ky_q", w.kh);
  r.fold = counter_with_last(m, "fold_q", spec::folds(w) / spec::taps(w));
  loops.kernel = counter_with_last(m, "kernel_q", p.kernel_folds);
  r.group = counter_with_last(m, "group_q", w.groups);
  r.column = counter_with_last(m, "column_q", spec::output_groups_per_row(w));
  // Under sweeps rows go back.
  r.row = p.sweep ? loop_counter(m, "row_q", w.out_h) : counter_with_last(m, "row_q", w.out_h);
  loops.tap_row_end = r.kx.last;
  loops.tap_end = loops.tap_row_end & r.ky.last;
  r.last = nest_last(m, "last_fold_q", r.step, {r.kx, r.ky, r.fold});
  return loops;
}

void count_folds(hdl::Module& m, const TileLoops& loops, const WindowReader& r) {
  r.kx.advance(m, r.step);
  r.ky.advance(m, r.step & loops.tap_row_end);
  r.fold.advance(m, r.step & loops.tap_end);
}

Cond tile_pace(hdl::Module& m, const WindowStoreParams& p, const TileLoops& loops, WindowReader& r) {
  const int folds = spec::folds(p.window);
  if (folds == 1) {
    r.first = true;
  } else {
    const Reg busy = m.reg("busy_q", u(1));
    m.when(loops.step, [&] { busy.next((!r.last).sig(m)); });
    r.first = !Cond(busy);
  }
  loops.step.drive((Cond(loops.start) | !r.first).sig(m));
  if (p.tile_cycles == folds) return true;
  const int rest = p.tile_cycles - folds;
  const Reg gap = m.reg("gap_q", u(bits_for(rest)));
  const Reg rested = m.reg("rested_q", u(1), {.reset = 1});
  m.when((r.step & r.last).sig(m), [&] {
     gap.next(rest);
     rested.next(0);
   }).otherwise_when(~rested, [&] {
    gap.next((gap - 1).as_unsigned().trunc(gap.width()));
    rested.next(gap == 1);
  });
  return Sig(rested);
}

Flag flag_from_reset(hdl::Module& m, const std::string& name, const Cond& step, const Cond& next) {
  if (next.is_true()) return {};
  // Kept inverted, so that it resets to 0.
  const Reg low = m.reg(name, u(1));
  m.when(step.sig(m), [&] { low.next((!next).sig(m)); });
  return {.now = !Cond(low), .after = !Cond(choose(step, (!next).sig(m), low))};
}

Surplus stored_surplus(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const Cond& begins,
                       bool slow, const Cond& completes) {
  const int n = spec::group_count_bits(w);
  const int64_t modulus = int64_t{1} << n;
  Steps step = need_steps(w);
  for (std::vector<int64_t>* steps : {&step.rows, &step.columns}) {
    for (int64_t& v : *steps) v = -v;
  }
  const Reg surplus = m.reg("surplus_q", u(n), {.reset = floor_mod(-spec::need(w, 0, 0), modulus)});
  const Sig row_step = table(m, r.row, step.rows, modulus, n);
  const Sig column_step = table(m, r.column, step.columns, modulus, n);
  const Sig step_now = choose(r.column.last, row_step, column_step);
  Cond begun = begins;
  Sig step_late = step_now;
  if (slow) {
    begun = m.delay("begins_q", begins.sig(m), 1, {.reset = 0});
    step_late = m.delay("need_step_q", step_now, 1);
  }
  const Sig taken = choose(begun, step_late, m.lit(0, u(n)));
  const Sig next = add_and_count(m, surplus, taken, completes).named("surplus_next");
  surplus.next(next);
  return {.next = next, .now = surplus, .step = taken, .begun = begun};
}

void release_groups(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const Cond& done,
                    const hdl::Wire& released) {
  const int n = spec::group_count_bits(w);
  const int64_t modulus = int64_t{1} << n;
  ReleaseSteps rel = release_steps(w);
  for (std::vector<int64_t>* steps : {&rel.rows, &rel.columns}) {
    for (int64_t& v : *steps) v = -v;
  }
  Sig amount = table(m, r.column, rel.columns, modulus, n);
  if (r.column.n > 1) amount = mux(table(m, r.row, rel.row_active, 2, 1), amount, m.lit(0, u(n)));
  amount = choose(r.column.last, table(m, r.row, rel.rows, modulus, n), amount);
  static_assert(spec::WindowTiming::kReleaseDelay == 2);
  const Sig done_late = m.delay("done_q", done.sig(m), 1, {.reset = 0});
  const Sig amount_late = m.delay("release_step_q", amount, 1);
  released.drive(m.delay("released_q", mux(done_late, amount_late, m.lit(0, u(n))), 1, {.reset = 0}));
}

// Virtual rows above and columns left of the map wrap like all others.
PlacePointer place_pointer(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, bool slow) {
  const auto [stride, ring] = spec::window_ring(w);
  const int64_t gi = spec::groups_per_row(w), all = spec::groups_per_frame(w);
  const int pointer_bits = bits_for(ring - 1);
  const int64_t column_step = int64_t{w.m} * w.sw / spec::banks(w);
  const int64_t first = ring_step(w, -w.top * gi);
  const Reg place = m.reg("place_q", u(pointer_bits), {.reset = first});
  const int64_t back = (r.column.n - 1) * column_step;  // from a row's last place to its first
  const std::vector<int64_t> steps{ring_step(w, column_step), ring_step(w, w.sh * gi - back),
                                   ring_step(w, all - int64_t{w.out_h - 1} * w.sh * gi - back)};
  Sig moved = add_mod(m, place, steps, ring, [&](const std::vector<Sig>& step) {
    return choose(r.column.last, choose(r.row.last, step[2], step[1]), step[0]);
  });
  // Positions are multiples of the stride: its low zeros stay as they are.
  const int low = std::countr_zero(static_cast<uint64_t>(stride));
  if (slow && low < pointer_bits) {
    const Sig high = m.delay("place_moved_q", moved.slice(low, pointer_bits - low), 1);
    moved = low == 0 ? high : hdl::cat({high, Sig(place).slice(0, low)});
  }
  return {.first = first, .now = place, .moved = moved};
}

Sig row_pointer(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const TileLoops& loops,
                Sig place, Sig place_next) {
  if (w.kh == 1) return place;
  const int64_t ring = spec::window_ring(w).words, gi = spec::groups_per_row(w);
  const Reg pointer = m.reg("pointer_q", place.shape(), {.reset = ring_step(w, -w.top * gi)});
  m.when((r.step & loops.tap_row_end).sig(m), [&] {
    pointer.next(choose(loops.tap_end, place_next, add_mod(m, pointer, ring_step(w, w.dh * gi), ring)));
  });
  return pointer;
}

Sig group_word(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const TileLoops& loops,
               const Cond& group_ends) {
  const int words = spec::words_per_group(w);
  if (words == 1) return m.lit(0, u(1));
  if (w.groups == 1) return r.fold.value;
  if (r.fold.n == 1) return r.group.value;
  const int word_bits = bits_for(words - 1);
  const Reg base = m.reg("word_base_q", u(word_bits));
  const Reg word = m.reg("word_q", u(word_bits));
  const Sig base_on = choose(r.group.last, m.lit(0, u(word_bits)), (base + r.fold.n).trunc(word_bits));
  const Sig base_next = choose(group_ends, base_on, base);
  m.when((r.step & group_ends).sig(m), [&] { base.next(base_on); });
  m.when((r.step & loops.tap_end).sig(m),
         [&] { word.next(choose(r.last, base_next, (word + 1).trunc(word_bits))); });
  return word;
}

}  // namespace elb::hw
