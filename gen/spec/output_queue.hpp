// The output queue: what stands behind the fixed-latency datapath of a stage.
//
// A beat that arrives in cycle t is pushed into a FIFO of `depth` beats, and can be popped from t + 1 on. It
// has no ready: what makes beats is issued only with credits for all of them. A pop at t raises `pop` in the
// same cycle, so that a credit counter shows it at t+1. `last` marks a frame's last beat.
#pragma once
#include "spec/link.hpp"

namespace elb::spec {

struct OutputQueueParams {
  Link link;
  int depth = 2;  // of the FIFO, in beats
  bool operator==(const OutputQueueParams&) const = default;
};

}  // namespace elb::spec
