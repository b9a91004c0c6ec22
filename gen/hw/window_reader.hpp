// The issuing side of a window store: the loop nest of tiles and folds, and when a tile may start.
#pragma once
#include <vector>

#include "hw/cond.hpp"
#include "hw/window_store.hpp"

namespace elb::hw {

struct WindowReader {
  Cond step = true;   // a fold is read in this cycle
  Cond first = true;  // of a tile
  Cond last = true;
  LoopCounter kx, ky, fold;        // fold: channel fold of the tile
  LoopCounter group, column, row;  // channel group, G, oy
  hdl::Sig row_pointer;            // ring position, in words, of column group G of row oy at tap row ky
  hdl::Sig word;                   // word of the column group
};

// `stored_next`: complete groups after this cycle; `pop`: a beat left the output FIFO; `weights_ok`: the
// weights are there. Drives `released_next`, the released count after this cycle, for the writer.
WindowReader build_window_reader(hdl::Module& m, const WindowStoreParams& p, hdl::Sig stored_next,
                                 hdl::Sig pop, const Cond& weights_ok, const hdl::Wire& released_next);

}  // namespace elb::hw
