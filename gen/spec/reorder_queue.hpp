// The reorder queue behind an engine that works in sweeps: shapes as the output queue's, timing in
// spec/sweep.hpp.
#pragma once
#include "spec/fifo.hpp"
#include "spec/output_queue.hpp"
#include "spec/sweep.hpp"

namespace elb::spec {

struct ReorderQueueParams {
  OutputQueueParams queue;  // its depth: of the output FIFO, 1 or more
  int places = 1;           // of the ring
  bool operator==(const ReorderQueueParams&) const = default;
};
inline int64_t ring_beats(const ReorderQueueParams& p) {
  return int64_t{p.places} * p.queue.link.channel_beats();
}
// LUT RAM or block RAM, whichever is worth less.
inline MemoryStyle ring_style(const ReorderQueueParams& p) {
  return fifo_style(p.queue.link.data_bits(), static_cast<int>(ring_beats(p)));
}

}  // namespace elb::spec
