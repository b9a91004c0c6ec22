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
  bool operator==(const ReorderQueueParams&) const = default;
};
inline int64_t ring_beats(const ReorderQueueParams& p) {
  return int64_t{p.places} * p.link.channel_beats();
}
// LUT RAM or block RAM, whichever is worth less.
inline MemoryStyle ring_style(const ReorderQueueParams& p) {
  return fifo_style(p.link.data_bits(), static_cast<int>(ring_beats(p)));
}

}  // namespace elb::spec
