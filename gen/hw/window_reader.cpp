#include "hw/window_reader.hpp"

#include "base/int_math.hpp"
#include "hw/output_queue.hpp"
#include "hw/reader_parts.hpp"
#include "hw/window_writer.hpp"
#include "hw/word_choice.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

WindowReader build_window_reader(hdl::Module& m, const WindowStoreParams& p, const Cond& completes, Sig pop,
                                 const Cond& weights_ok, const hdl::Wire& released) {
  const spec::WindowParams& w = p.window;
  WindowReader r;
  const TileLoops loops = tile_loops(m, p, r);
  const LoopCounter& kernel = loops.kernel;
  const Cond kernels_end = r.last & kernel.last, place_end = kernels_end & r.group.last;
  const Cond row_end = place_end & r.column.last;
  count_folds(m, loops, r);
  kernel.advance(m, r.step & r.last);
  r.group.advance(m, r.step & kernels_end);
  r.column.advance(m, r.step & place_end);
  r.row.advance(m, r.step & row_end);
  const Cond rested = tile_pace(m, p, loops, r);

  // A place's first tile waits for its column groups.
  const int64_t place_tiles = int64_t{p.kernel_folds} * w.groups;
  const bool slow = place_tiles * p.tile_cycles > 1;
  Cond place_first = true;
  if (place_tiles > 1) place_first = flag_from_reset(m, "place_inside_q", r.step & r.last, place_end).now;
  const Sig surplus = stored_surplus(m, w, r, Cond(loops.start) & place_first, slow, completes).next;
  const Reg data_ok = m.reg("data_ok_q", u(1));
  data_ok.next(~surplus.msb());

  // Credits: free beats of the output FIFO. What was popped in the cycle before is added now: `pop` comes
  // late, and synthesis would put a choice by it in front of the adder.
  const Reg credits = m.reg("credits_q", u(bits_for(p.credits)), {.reset = p.credits});
  const Sig popped = m.delay("popped_q", pop, 1, {.reset = 0});
  const auto step = [&](int64_t taken) {
    const auto constant = [&](int64_t n) {
      return m.lit(floor_mod(n, int64_t{1} << credits.width()), credits.shape());
    };
    return mux(popped, constant(1 - taken), constant(-taken));
  };
  const Sig taken = choose(kernel.last, step(p.beats_last), step(p.beats));
  credits.next((credits + mux(loops.start, taken, step(0))).trunc(credits.width()));
  const Reg credit_ok = m.reg("credit_ok_q", u(1), {.reset = 1});
  const Suffices enough =
      credits_suffice(m, credits, p.beats, loops.start, p.beats, p.beats_last, kernel.last, popped);
  credit_ok.next(choose_word(m, p.technology, "u_suffice", {enough.kept, enough.popped}, pop));
  loops.start.drive(
      (r.first & rested & (Cond(data_ok) | !place_first) & Cond(credit_ok) & weights_ok).sig(m));

  release_groups(m, w, r, r.step & place_end, released);
  const PlacePointer place = place_pointer(m, w, r, slow);
  const Sig place_next = choose(r.step & place_end, place.moved, place.now);
  place.now.next(place_next);
  r.row_pointer = row_pointer(m, w, r, loops, place.now, place_next);
  r.word = group_word(m, w, r, loops, kernels_end);
  return r;
}

}  // namespace elb::hw
