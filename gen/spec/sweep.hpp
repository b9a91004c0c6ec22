// Sweeps: how a stage with streamed weights works. Its loop nest is turned, the kernel fold outside of the
// pixels, so that one weight tile serves many of them.
//
//   conv   for each band of `rows` output rows (the last may be shorter):
//            for each weight tile (channel group, kernel fold):       <- one sweep
//              for each place of the band: a group G of M columns in row oy
//   fc     for each pass of n frames, 1 <= n <= `frames`:
//            for each weight tile:                                    <- one sweep
//              for each frame of the pass                             (a place is a frame)
//
// A pass begins with the issue of its first tile. It takes all frames that are in the store in that cycle, at
// most `frames` and what the store holds. With fewer it waits for more: until `patience` cycles have passed
// since the last one was stored, so that the last frames of a stream come out too. In a stream that keeps the
// plan's pace every pass is full, and its weights are read once for `frames` frames.
//
// Tiles leave place by place under each sweep; the reorder queue behind the engine puts the channels of a
// place together again, so that the stage's output has the order of every other link. It is a ring of
// `places` places, each with all its beats: at least those of a band (pass). A place is taken when its first
// tile issues and free when its last beat has been fetched from the ring.
//
// A tile of place i under sweep s may issue at t when
//   (1) the previous tile issued at t - D or before, D = max(F, beats per tile)
//   (2) s = 0: its input is in the store     conv: as spec::need says of (oy, G); fc: by the pass's begin,
//                                            which is t >= u + patience where the pass could take more
//                                            frames, u the first cycle in which the last one shows
//   (3) i = 0: its weight tile is complete in the buffer (spec::FetchTiming)
//   (4) s = 0: a place of the ring is free
// The store releases what spec::release says after the last sweep over a place, in the same cycle as without
// sweeps (fc: one frame per place).
#pragma once
#include <cstdint>

#include "spec/window.hpp"

namespace elb::spec {

struct SweepParams {
  int rows = 0;          // conv: output rows of a band, 1 .. out_h; fc: 0
  int frames = 0;        // fc: most frames of a pass; conv: 0
  int places = 1;        // of the reorder ring
  int64_t patience = 0;  // fc: cycles that a pass waits for further frames
  bool operator==(const SweepParams&) const = default;
};

int bands(const WindowParams& w, const SweepParams& s);            // of a frame; fc: 1
int places_per_band(const WindowParams& w, const SweepParams& s);  // of a full band; fc: frames
int rows_of_band(const WindowParams& w, const SweepParams& s, int band);
// The smallest store that can run at all: what the places of a band need together, behind what the band
// before has released. fc: `frames` frames would do with 1, but a pass takes no more than the store holds.
int64_t min_capacity(const WindowParams& w, const SweepParams& s);

// The reorder queue. `beats` of a place: all its channels.
//
//   t + j  beat j of a tile that arrives at t is written into the ring, as spec/output_queue.hpp pushes it
//   w      the last beat of a place is written
//   f      a beat is fetched: f >= w + kWriteToFetch, in order, one per cycle, with a free place in the
//          output FIFO (fetched and not yet popped < fifo_depth; a pop at t counts from t + 1 on)
//   f + 1  it is pushed into the output FIFO, and can be popped from f + 2 on
//   With the last beat of a place fetched at f, a tile may issue for a new place from f + 1 on.
struct SweepTiming {
  static constexpr int kWriteToFetch = 1;
  static constexpr int kFetchToPush = 1;
  static constexpr int kFullRateDepth = 3;  // of the output FIFO
};

}  // namespace elb::spec
