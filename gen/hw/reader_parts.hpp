// What the sequencers of a window store share (window_reader, sweep_reader): the folds of a tile, and the
// running sums that follow spec::need, spec::release and the ring as the places (oy, G) go by.
//
// Every sum is a register and two tables of steps, along a row by G and at its end by oy: constants that
// change rarely, told apart by comparisons (by_runs).
#pragma once
#include <cstdint>

#include "hw/window_reader.hpp"

namespace elb::hw {

// The loop counters of both. Fills step, the counters and last of `r`.
struct TileLoops {
  hdl::Wire step, start;    // start: a tile issues in this cycle
  LoopCounter kernel;       // kernel fold
  Cond tap_row_end = true;  // the last tap of a tap row
  Cond tap_end = true;      // of a channel fold
};
TileLoops tile_loops(hdl::Module& m, const WindowStoreParams& p, WindowReader& r);
// The folds of a tile, in the order (channel fold, ky, kx).
void count_folds(hdl::Module& m, const TileLoops& loops, const WindowReader& r);
// Inside a tile nothing waits; between tiles D - F cycles pass. Fills first and last of `r`, drives step;
// result: D cycles have passed, a register.
Cond tile_pace(hdl::Module& m, const WindowStoreParams& p, const TileLoops& loops, WindowReader& r);

// A condition that holds from reset on and takes the value `next` at every `step`: its value after this
// cycle. Where `next` always holds, it always does.
struct Flag {
  Cond now = true, after = true;
};
Flag flag_from_reset(hdl::Module& m, const std::string& name, const Cond& step, const Cond& next);

// Column groups that are stored beyond what the place under check needs, after this cycle; negative: not
// enough. `begins`: the place under check issues its first tile; where `slow`, which says that places under
// check begin two cycles apart at least, the next one is under check from the next cycle on, else from this
// one. `completes`: one more group is stored.
struct Surplus {
  hdl::Sig next;
  hdl::Sig now, step;  // next is now + step, and one more where a group is completed
  Cond begun;          // step is that behind a place that has begun, else 0
};
Surplus stored_surplus(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const Cond& begins,
                       bool slow, const Cond& completes);

// Drives `released`: minus what a place releases that is done with in this cycle, kReleaseDelay cycles later,
// when its last word has been read.
void release_groups(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, const Cond& done,
                    const hdl::Wire& released);

// Ring positions, in words, of the place at tap row 0; the step to the next place.
struct PlacePointer {
  int64_t first;  // of (0, 0)
  hdl::Reg now;
  hdl::Sig moved;  // of the next place; where `slow`, from the place's second cycle on
};
PlacePointer place_pointer(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r, bool slow);
// Ring position at tap row ky. `place_next`: the place's, after this cycle.
hdl::Sig row_pointer(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r,
                     const TileLoops& loops, hdl::Sig place, hdl::Sig place_next);
// The word inside a column group: group * channel folds + fold. `group_ends`: the channel group goes on with
// the tile that ends.
hdl::Sig group_word(hdl::Module& m, const spec::WindowParams& w, const WindowReader& r,
                    const TileLoops& loops, const Cond& group_ends);

}  // namespace elb::hw
