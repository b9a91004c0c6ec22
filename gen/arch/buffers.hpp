// Depths of everything that a plan buffers: output FIFOs, window stores, branch FIFOs.
//
// The bounds are safe and simple: no FIFO of them ever limits the rate, and no reconvergent branch can lock
// up.
#pragma once
#include "arch/plan.hpp"

namespace elb::arch {

// Full rate needs b ceil((latency + b + 1) / D) beats behind a tile's issue.
int output_fifo_depth(int beats_per_tile, int tile_cycles);
// Column groups of a window store that let writer and reader run at full rate (DESIGN section 6: the writer
// runs on into the next frame while the last rows are read), when the plan runs at `cycles_per_frame`.
int window_capacity(const spec::WindowParams& w, int input_columns, int64_t writer_cycles,
                    int64_t cycles_per_frame);
// Sets the depth of every branch FIFO that is still 0 (an edge whose producer has several readers): what the
// other branches can hold between the fork and the stage where the branches meet, and some slack.
void size_branch_fifos(Plan& plan);

}  // namespace elb::arch
