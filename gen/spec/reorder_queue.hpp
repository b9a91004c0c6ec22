// The reorder queue behind an engine that works in sweeps: beats of tiles as spec/serializer.hpp sends them,
// timing in spec/sweep.hpp.
#pragma once
#include "spec/fifo.hpp"
#include "spec/link.hpp"
#include "spec/serializer.hpp"
#include "spec/sweep.hpp"

namespace elb::spec {

struct ReorderQueueParams {
  TileBeats tile;
  Link link;       // M columns, L channels; channels of all groups
  int depth = 1;   // of the output FIFO, in beats
  int places = 1;  // of the ring
  bool ultra = false;  // which lies in UltraRAM
  bool operator==(const ReorderQueueParams&) const = default;
};
// Of a stage whose weights are streamed.
inline ReorderQueueParams reorder_queue(const ComputeStage& s) {
  return {.tile = tile_beats(s),
          .link = s.out,
          .depth = s.fifo_depth,
          .places = s.sweep->places,
          .ultra = s.ultra_ring};
}
inline int64_t ring_beats(const ReorderQueueParams& p) {
  return int64_t{p.places} * p.link.channel_beats();
}
// UltraRAM where the ring shall be there, else LUT RAM or block RAM, whichever is worth less.
inline MemoryStyle ring_style(const ReorderQueueParams& p) {
  if (p.ultra) return MemoryStyle::ultra;
  return fifo_style(p.link.data_bits(), static_cast<int>(ring_beats(p)));
}

}  // namespace elb::spec
