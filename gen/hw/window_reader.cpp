#include "hw/window_reader.hpp"

#include <algorithm>

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

}  // namespace

WindowReader build_window_reader(hdl::Module& m, const WindowStoreParams& p, Sig stored_next, Sig pop,
                                 const hdl::Wire& released_next) {
  const spec::WindowParams& w = p.window;
  const int n = group_count_bits(w);
  const int64_t ring = ring_words(w), modulus = int64_t{1} << n;
  const int64_t gi = spec::groups_per_row(w), all = spec::groups_per_frame(w),
                words = spec::words_per_group(w);
  const int columns = spec::output_groups_per_row(w), folds = spec::folds(w);
  const int channel_folds = folds / spec::taps(w);

  WindowReader r;
  const hdl::Wire step_wire = m.wire("step", u(1));
  const hdl::Wire start = m.wire("start", u(1));
  const Cond step = Sig(step_wire);
  r.step = step;
  r.kx = loop_counter(m, "kx_q", w.kw);
  r.ky = loop_counter(m, "ky_q", w.kh);
  r.fold = loop_counter(m, "fold_q", channel_folds);
  const LoopCounter kernel = loop_counter(m, "kernel_q", p.kernel_folds);
  r.group = loop_counter(m, "group_q", w.groups);
  r.column = loop_counter(m, "column_q", columns);
  r.row = loop_counter(m, "row_q", w.out_h);
  const Cond tap_row_end = r.kx.last, tap_end = tap_row_end & r.ky.last;
  r.last = tap_end & r.fold.last;
  const Cond kernels_end = r.last & kernel.last, place_end = kernels_end & r.group.last;
  const Cond row_end = place_end & r.column.last;
  r.kx.advance(m, step);
  r.ky.advance(m, step & tap_row_end);
  r.fold.advance(m, step & tap_end);
  kernel.advance(m, step & r.last);
  r.group.advance(m, step & kernels_end);
  r.column.advance(m, step & place_end);
  r.row.advance(m, step & row_end);

  // Inside a tile nothing waits; between tiles D - F cycles pass.
  if (folds == 1) {
    r.first = true;
  } else {
    const Reg busy = m.reg("busy_q", u(1));
    m.when(step_wire, [&] { busy.next((!r.last).sig(m)); });
    r.first = !Cond(busy);
  }
  step_wire.drive((Cond(start) | !r.first).sig(m));
  Cond rested = true;
  if (p.tile_cycles > folds) {
    const int rest = p.tile_cycles - folds;
    const Reg gap = m.reg("gap_q", u(bits_for(rest)));
    m.when((step & r.last).sig(m), [&] { gap.next(rest); }).otherwise_when(gap != 0, [&] {
      gap.next((gap - 1).as_unsigned().trunc(gap.width()));
    });
    rested = gap == 0;
  }

  // Column groups that the next tile waits for.
  const Steps need = need_steps(w);
  const Reg need_q = m.reg("need_q", u(n), {.reset = floor_mod(spec::need(w, 0, 0), modulus)});
  const auto table = [&](const LoopCounter& c, const std::vector<int64_t>& values, int64_t mod, int width) {
    std::vector<int64_t> wrapped;
    for (int64_t v : values) wrapped.push_back(floor_mod(v, mod));
    return by_runs(m, c.value, wrapped, u(width));
  };
  const Sig need_step =
      choose(r.column.last, table(r.row, need.rows, modulus, n), table(r.column, need.columns, modulus, n));
  const Sig need_next = choose(step & place_end, (need_q + need_step).trunc(n), need_q).named("need_next");
  need_q.next(need_next);
  const Sig surplus = (stored_next - need_next).as_unsigned().trunc(n).named("surplus");
  Cond place_first_next = true;  // the tile after this cycle is the first of its (oy, G)
  if (p.kernel_folds * w.groups > 1) {
    const Reg inside = m.reg("place_inside_q", u(1));
    m.when((step & r.last).sig(m), [&] { inside.next((!place_end).sig(m)); });
    place_first_next = !Cond(choose(step & r.last, (!place_end).sig(m), inside));
  }
  const Reg data_ok = m.reg("data_ok_q", u(1));
  data_ok.next(((!place_first_next) | Cond(~surplus.msb())).sig(m));

  // Credits: free beats of the output FIFO.
  const Reg credits = m.reg("credits_q", u(bits_for(p.credits)), {.reset = p.credits});
  const Sig taken =
      choose(kernel.last, m.lit(p.beats_last, u(bits_for(p.beats))), m.lit(p.beats, u(bits_for(p.beats))));
  const Sig left = (credits - mux(start, taken, m.lit(0, taken.shape()))) + pop;
  const Sig credits_next = left.as_unsigned().trunc(credits.width()).named("credits_next");
  credits.next(credits_next);
  const Reg credit_ok = m.reg("credit_ok_q", u(1), {.reset = 1});
  credit_ok.next(credits_next >= p.beats);
  start.drive((r.first & rested & Cond(data_ok) & Cond(credit_ok)).sig(m));

  // Released groups: two cycles after a place's last fold, when its last word has been read.
  const ReleaseSteps rel = release_steps(w);
  Sig amount = table(r.column, rel.columns, modulus, n);
  if (columns > 1) amount = mux(table(r.row, rel.row_active, 2, 1), amount, m.lit(0, u(n)));
  amount = choose(r.column.last, table(r.row, rel.rows, modulus, n), amount);
  const Sig amount_now = choose(step & place_end, amount, m.lit(0, u(n)));
  const Sig amount_late =
      m.delay("release_amount_q", amount_now, spec::WindowTiming::kReleaseDelay, {.reset = 0});
  const Reg released = m.reg("released_q", u(n));
  const Sig released_now = (released + amount_late).trunc(n);
  released.next(released_now);
  released_next.drive(released_now);

  // Ring positions, in words. Virtual rows above and columns left of the map wrap like all others.
  const int pointer_bits = bits_for(ring - 1);
  const auto ring_step = [&](int64_t groups) { return floor_mod(groups * words, ring); };
  const int64_t column_step = int64_t{w.m} * w.sw / spec::banks(w);
  const Reg place = m.reg("place_q", u(pointer_bits), {.reset = ring_step(-w.top * gi)});
  std::vector<int64_t> row_steps(w.out_h, w.sh * gi - (columns - 1) * column_step);
  row_steps.back() = all - int64_t{w.out_h - 1} * w.sh * gi - (columns - 1) * column_step;
  for (int64_t& v : row_steps) v *= words;
  const Sig place_step = choose(r.column.last, table(r.row, row_steps, ring, pointer_bits),
                                m.lit(ring_step(column_step), u(pointer_bits)));
  const Sig place_next = choose(step & place_end, add_mod(m, place, place_step, ring), place);
  place.next(place_next);
  if (w.kh == 1) {
    r.row_pointer = place;
  } else {
    const Reg pointer = m.reg("pointer_q", u(pointer_bits), {.reset = ring_step(-w.top * gi)});
    m.when((step & tap_row_end).sig(m), [&] {
      pointer.next(choose(tap_end, place_next, add_mod(m, pointer, ring_step(w.dh * gi), ring)));
    });
    r.row_pointer = pointer;
  }
  // The word inside a column group: group * channel folds + fold.
  if (words == 1) {
    r.word = m.lit(0, u(1));
  } else if (w.groups == 1) {
    r.word = r.fold.value;
  } else if (channel_folds == 1) {
    r.word = r.group.value;
  } else {
    const int word_bits = bits_for(words - 1);
    const Reg base = m.reg("word_base_q", u(word_bits)), word = m.reg("word_q", u(word_bits));
    const Sig base_on = choose(r.group.last, m.lit(0, u(word_bits)), (base + channel_folds).trunc(word_bits));
    const Sig base_next = choose(kernels_end, base_on, base);
    m.when((step & kernels_end).sig(m), [&] { base.next(base_on); });
    m.when((step & tap_end).sig(m),
           [&] { word.next(choose(r.last, base_next, (word + 1).trunc(word_bits))); });
    r.word = word;
  }
  return r;
}

}  // namespace elb::hw
