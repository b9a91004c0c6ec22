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

// `completes`: one more group is stored with this cycle; `pop`: a beat left the output FIFO; `weights_ok`:
// the weights are there. Drives `released` for the writer, minus the groups that it may overwrite from the
// next cycle on.
WindowReader build_window_reader(hdl::Module& m, const WindowStoreParams& p, const Cond& completes,
                                 hdl::Sig pop, const Cond& weights_ok, const hdl::Wire& released);

}  // namespace elb::hw
