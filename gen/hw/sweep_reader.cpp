#include "hw/sweep_reader.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"
#include "hw/output_queue.hpp"
#include "hw/reader_parts.hpp"
#include "hw/window_writer.hpp"
#include "hw/word_choice.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

namespace {

// The places of a band (rows of columns), or the frames of a pass.
struct Band {
  bool one_row = true, one_place = true;  // never more than one
  Cond row_end = true, end = true;        // the place is the last of its row, of its band
  LoopCounter counter;                    // conv: row of the band; fc: frame of the pass
  Reg last_frame;                         // fc, where a pass may have several: of the pass
};

Band band_loop(hdl::Module& m, const WindowStoreParams& p, const WindowReader& r) {
  const spec::WindowParams& w = p.window;
  Band b;
  if (p.sweep->frames > 0) {
    // More frames than the store holds are never in it.
    b.counter = loop_counter(m, "frame_q", std::min(p.sweep->frames, w.capacity));
    b.one_place = b.counter.n == 1;
    if (b.one_place) return b;
    b.last_frame = m.reg("last_frame_q", b.counter.value.shape());
    b.end = b.counter.value == b.last_frame;
    return b;
  }
  b.one_row = p.sweep->rows == 1;
  b.one_place = b.one_row && r.column.n == 1;
  b.row_end = r.column.last;
  if (p.sweep->rows == w.out_h) {
    b.end = b.row_end & r.row.last;
    return b;
  }
  b.counter = loop_counter(m, "band_row_q", p.sweep->rows);
  b.end = b.row_end & b.counter.last;
  if (w.out_h % p.sweep->rows != 0) b.end = b.end | (b.row_end & r.row.last);
  return b;
}

// `moved` after `steps`, but at the end of every sweep except the last the value of the band's first place:
// the value after this cycle. `fixed`: it is the same all over a band.
struct Rewind {
  Cond band_end;  // the place is its band's last
  Cond last_sweep;
  Cond next_band;  // the last place of a band ends in this cycle, for the last time
};
Sig rewound(hdl::Module& m, const std::string& saved, int64_t reset, bool fixed, const Rewind& c,
            const Cond& steps, Sig now, Sig moved) {
  if (fixed || c.last_sweep.is_true()) return choose(steps & c.last_sweep, moved, now);
  const Reg first = m.reg(saved, now.shape(), {.reset = reset});
  m.when(c.next_band.sig(m), [&] { first.next(moved); });
  return choose(steps, choose(c.band_end & !c.last_sweep, first, moved), now);
}

// Is x, which is not negative, n at least? Gates: a comparison of few bits is a LUT, and no carry chain.
Cond reaches(Sig x, int64_t n) {
  Cond is = true;
  if (n >> (x.width() - 1) != 0) return false;
  for (int i = 0; i + 1 < x.width(); ++i) {
    const Cond bit = x.slice(i, 1);
    is = ((n >> i) & 1) != 0 ? bit & is : bit | is;
  }
  return is;
}

// Has a pass waited long enough for further frames, where none comes in this cycle? So it has `patience`
// cycles after a frame was stored. The count's top bit says so.
Cond patience_ends(hdl::Module& m, int64_t patience, const Cond& completes) {
  if (patience == 1) return true;
  const int bits = bits_for(patience - 1);
  const int64_t over = int64_t{1} << bits;
  const Reg waited = m.reg("waited_q", u(bits + 1), {.reset = over});
  const Sig on = (waited + 1).trunc(bits + 1);
  const Sig next = choose(completes, m.lit(over - (patience - 1), u(bits + 1)), on);
  m.when((completes | !Cond(waited.msb())).sig(m), [&] { waited.next(next); });
  return Cond(waited.msb());
}

}  // namespace

SweepReader build_sweep_reader(hdl::Module& m, const WindowStoreParams& p, const Cond& completes,
                               Sig weights_ok, Sig freed, const hdl::Wire& released) {
  const spec::WindowParams& w = p.window;
  const bool fc = p.sweep->frames > 0;
  ELB_ASSERT(!fc || (w.h == 1 && w.w == 1 && w.groups == 1 && w.m == 1),
             "of fc, a frame is one column group");
  ELB_ASSERT(fc || (p.sweep->rows >= 1 && p.sweep->rows <= w.out_h), "a band has 1 .. out_h rows");

  SweepReader out;
  WindowReader& r = out.reader;
  const TileLoops loops = tile_loops(m, p, r);
  const Band band = band_loop(m, p, r);
  const Cond tile_ends = r.step & r.last, row_ends = tile_ends & band.row_end,
             sweep_ends = tile_ends & band.end;
  const Cond last_sweep = loops.kernel.last & r.group.last;
  const Rewind rewind{.band_end = band.end, .last_sweep = last_sweep, .next_band = sweep_ends & last_sweep};
  count_folds(m, loops, r);
  loops.kernel.advance(m, sweep_ends);
  r.group.advance(m, sweep_ends & loops.kernel.last);
  r.column.advance(m, tile_ends);
  if (band.counter.n > 1) {
    const Sig on = (band.counter.value + 1).trunc(band.counter.value.width());
    m.when(row_ends.sig(m), [&] { band.counter.reg.next(choose(band.end, m.lit(0, on.shape()), on)); });
  }
  if (r.row.n > 1) {
    const Sig row_next =
        rewound(m, "band_first_row_q", 0, band.one_row, rewind, row_ends, r.row.value, r.row.next(true));
    r.row.reg.next(row_next);
  }
  const Cond rested = tile_pace(m, p, loops, r);

  // The first sweep of a band waits for its places' column groups, and for places of the reorder ring.
  const Flag first_sweep = flag_from_reset(m, "later_sweep_q", sweep_ends, last_sweep);
  const bool slow = p.tile_cycles > 1;
  const Surplus surplus = stored_surplus(m, w, r, Cond(loops.start) & first_sweep.now, slow, completes);
  const Reg free = m.reg("free_places_q", u(bits_for(p.sweep->places)), {.reset = p.sweep->places});
  const Sig taken = (Cond(loops.start) & first_sweep.now).sig(m);
  count(m, free, freed, taken);
  const Suffices enough = credits_suffice(m, free, 1, taken, 1, 1, true);
  const Sig now = surplus.now, kept = (now + surplus.step).trunc(now.width());
  const int64_t ones = (int64_t{1} << now.width()) - 1;
  // Enough is stored: a function of three bits, none of which waits for another, nor for whether places are
  // free.
  Sig stored;
  bool (*suffices)(int bits);
  if (fc) {
    // A frame is one group; so much is stored beyond what is needed as is kept and came to it.
    const auto at_least = [&](int64_t n) {
      return (!Cond(now.msb())) & choose(surplus.begun, reaches(now, n + 1), reaches(now, n));
    };
    Cond with = (!Cond(now.msb())) | Cond(now == ones), without = at_least(0);
    // A pass takes all frames that it sees as it begins, and waits for as many as it can take.
    if (!band.one_place) {
      const Flag waits = flag_from_reset(m, "pass_runs_q", r.step, r.last & band.end & last_sweep);
      const int64_t most = band.counter.n - 1;
      const int bits = band.last_frame.width();
      const Cond all_with = at_least(most - 1), all_without = at_least(most);
      const Sig full = m.lit(most, u(bits));
      const Sig frame_with = choose(all_with, full, (kept + 1).trunc(bits));
      const Sig frame_without = choose(all_without, full, kept.trunc(bits));
      m.when(waits.after.sig(m), [&] { band.last_frame.next(choose(completes, frame_with, frame_without)); });
      if (p.sweep->patience > 0) {
        with = with & ((!waits.after) | all_with);
        without = without & ((!waits.after) | all_without | patience_ends(m, p.sweep->patience, completes));
      }
    }
    stored = hdl::cat({completes.sig(m), with.sig(m), without.sig(m)});
    suffices = [](int bits) { return (bits & (bits < 4 ? 1 : 2)) != 0; };
  } else {
    // What is kept, or comes to be with the one that completes: a sum is -1 where its operands are each
    // other's complements, no carries.
    const Sig comes = (now ^ surplus.step) == ones;
    stored = hdl::cat({kept.msb(), completes.sig(m), comes});
    suffices = [](int bits) { return bits < 4 || bits == 7; };
  }
  std::vector<Sig> answers;
  for (const Sig& free_ok : {enough.kept, enough.popped}) {
    for (int bits = 0; bits < 8; ++bits) answers.push_back(suffices(bits) ? free_ok : m.lit(0, u(1)));
  }
  const Reg place_ok = m.reg("place_ok_q", u(1));
  place_ok.next(choose_word(m, p.technology, "u_place_ok", answers, hdl::cat({freed, stored})));
  // A sweep begins with a weight tile.
  const Flag sweep_begins = flag_from_reset(m, "sweep_inside_q", tile_ends, band.end);
  loops.start.drive(
      (r.first & rested & (Cond(place_ok) | !first_sweep.now) & ((!sweep_begins.now) | Cond(weights_ok)))
          .sig(m));
  out.take = (Cond(loops.start) & sweep_begins.now).sig(m);
  out.sweep_end = r.last & band.end;

  release_groups(m, w, r, tile_ends & last_sweep, released);
  const PlacePointer place = place_pointer(m, w, r, slow);
  const Sig place_next =
      rewound(m, "band_place_q", place.first, band.one_place, rewind, tile_ends, place.now, place.moved);
  place.now.next(place_next);
  r.row_pointer = row_pointer(m, w, r, loops, place.now, place_next);
  r.word = group_word(m, w, r, loops, r.last & band.end & loops.kernel.last);
  return out;
}

}  // namespace elb::hw
