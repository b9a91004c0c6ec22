// The output queue: what stands behind the fixed-latency datapath of a stage.
//
// A tile (M columns x P kernels) arrives in cycle t and is pushed as beats of M columns x L channels, beat j
// at t + j, into a FIFO of `depth` beats:
//
//   cycle      t     t+1   t+2   t+3         (P = 8, L = 4)
//   tile       A           B
//   push       A0    A1    B0    B1
//   out_valid        A0 can be popped
//
// It has no ready: a tile is issued only with credits for all its beats. A pop at t raises `pop` in the same
// cycle, so that a credit counter shows it at t+1. Tiles follow each other at a distance of at least
// beats_per_tile().
//
// Kernels count up inside a channel group in folds of P; the last fold of a group is short when P does not
// divide, and its surplus beats are not sent. Only the last beat of a pixel may be short, therefore L divides
// P where there are several folds, and the kernels of a group where there are several groups.
#pragma once
#include <cstdint>

#include "spec/link.hpp"

namespace elb::spec {

struct OutputQueueParams {
  int m = 1, p = 1;  // lanes of a tile: lane (m, p) at (m*P + p) * link.bits
  int kernels = 1;   // of a channel group
  int groups = 1;    // channel groups of a pixel
  Link link;         // what is sent: M columns, L channels
  int depth = 2;     // of the FIFO, in beats
  bool operator==(const OutputQueueParams&) const = default;
};

OutputQueueParams output_queue(const Link& out, int p, int kernels, int groups, int fifo_depth);
int kernel_folds(const OutputQueueParams& q);
int beats_of_tile(const OutputQueueParams& q, int kernel_fold);
int beats_per_tile(const OutputQueueParams& q);  // of the longest: the first of a group
int64_t tiles_per_frame(const OutputQueueParams& q);
// Empty, or why this shape cannot be sent.
const char* output_queue_error(const OutputQueueParams& q);

}  // namespace elb::spec
