// Depths of everything that a plan buffers: output FIFOs, window stores, branch FIFOs.
//
// The bounds are safe and simple: no FIFO of them ever limits the rate, and no reconvergent branch can lock
// up.
#pragma once
#include "arch/plan.hpp"

namespace elb::arch {

// Cycles from a complete column group over its issue and release to the writer, and some.
inline constexpr int kRingLatency = 8;
// From a tile's issue (elementwise: from the joined beat) to the push of its first beat.
int push_latency(const nn::Network& net, const Stage& stage, spec::Technology technology);
// Cycles for which a beat stands at this input until the reader has taken all of it, when nothing else waits.
int hold_cycles(const Stage& reader, size_t input);
// Full rate needs sum_j ceil((latency + (j + 1) hold + 1) / D) beats behind a tile's issue: the credit of
// beat j is away from the issue until the cycle after its beat has left, and all of a tile are taken at its
// issue.
int output_fifo_depth(int beats_per_tile, int tile_cycles, int latency, int hold);
// Column groups of a window store that let writer and reader run at full rate (docs/architecture.md: the
// writer runs on into the next frame while the last rows are read), when the plan runs at `cycles_per_frame`.
int window_capacity(const spec::WindowParams& w, int input_columns, int64_t writer_cycles,
                    int64_t cycles_per_frame);
// Sets the depth of every branch FIFO that is still 0 (an edge whose producer has several readers): what the
// other branches can hold between the fork and the stage where the branches meet, and some slack.
void size_branch_fifos(Plan& plan);

}  // namespace elb::arch
