// The issuing side of a window store whose stage works in sweeps (spec/sweep.hpp): the kernel fold outside of
// the places, so that one weight tile serves a band of places (fc: a pass of frames).
//
//   cycle   t                                  t + 1           t + 3                t + 4
//           a sweep's first tile issues: take  weights_ok of   last word of a       tap
//                                              the next tile   sweep: sweep_end
//
// Row, place pointer and column rewind to the band's first place at the end of every sweep but the last.
// `need` steps in the first sweep, `release` in the last one. The length of a pass follows the store while
// the pass waits, for all frames that it can take or until its patience ends, and holds from its first issue
// on.
#pragma once
#include "hw/window_reader.hpp"

namespace elb::hw {

struct SweepReader {
  WindowReader reader = {};
  hdl::Sig take = {};     // a sweep's first tile issues in this cycle
  Cond sweep_end = true;  // the last word under a weight tile is read in this cycle, as `reader.step` is
};

// `weights_ok`: a complete weight tile waits that no sweep has taken (registered); `freed`: a place of the
// reorder ring becomes free. The rest as build_window_reader.
SweepReader build_sweep_reader(hdl::Module& m, const WindowStoreParams& p, const Cond& completes,
                               hdl::Sig weights_ok, hdl::Sig freed, const hdl::Wire& released);

}  // namespace elb::hw
