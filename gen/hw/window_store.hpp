// The window store: a ring of column groups, its writer, and the sequencer that issues tiles
// (spec/window.hpp).
//
//   tiles issue in the order (oy, G, group, kernel fold); a tile's folds in the order (channel fold, ky, kx).
//   A tile that has issued always finishes; only its issue waits: for D cycles after the last one, for its
//   column groups (first tile of (oy, G) only), and for credits in the output queue.
//
//   cycle   t        t+1      t+2        t+3               t+4
//           issue    address  bank read  lane mux, padding  act, tap, first, last, padded
//                             .          early              .
//
// `early` is `tap` one cycle ahead, `ahead` two, for the weight memory's read enable.
#pragma once
#include <optional>

#include "hdl/design.hpp"
#include "spec/stage.hpp"

namespace elb::hw {

struct WindowStoreParams {
  std::string module;
  std::string title;
  spec::WindowParams window;
  int kernel_folds = 1;  // tiles per (oy, G, group)
  int tile_cycles = 1;   // D
  int pad_code = 0;
  // Where places of the reorder ring take the place of credits (hw/sweep_reader.hpp).
  std::optional<spec::SweepParams> sweep = {};
  int credits = 1;     // beats of the output FIFO
  int beats = 1;       // a tile needs
  int beats_last = 1;  // the last kernel fold of a group needs
  spec::Technology technology = spec::Technology::generic;
  spec::MemoryStyle style = spec::MemoryStyle::block;
  bool early = true;          // output `early`: weights follow the taps
  bool ahead = false;         // output `ahead`
  bool gated = false;         // input `weights_ok`: without it no tile issues
  bool padded_flags = false;  // output `padded`, one bit per lane: the tap lies outside the map
};

// Ports: stream `in` (data: Vw columns x S channels), `pop` (a beat left the output FIFO), weights_ok (where
// gated), outputs early, tap, first and last (where F > 1), act [m*s*bits], padded [m].
// With sweeps: inputs `weights_ok` and `freed` instead of `pop`, outputs `take`, and `sweep_end` that says in
// a cycle with `early` whether it reads the last word under a weight tile, `sweep_end_ahead` with `ahead`.
hdl::Module& build_window_store(hdl::Design& d, const WindowStoreParams& p);

}  // namespace elb::hw
