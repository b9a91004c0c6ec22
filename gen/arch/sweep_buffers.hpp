// What stands around a stage with streamed weights, in numbers: its sweeps, its store, its reorder ring
// (spec/sweep.hpp).
#pragma once
#include "arch/plan.hpp"
#include "spec/sweep.hpp"

namespace elb::arch {

// Of a stage with streamed weights: a conv's rows, an fc's frames, the ring's places. Without patience.
spec::SweepParams sweep_params(const Stage& stage);
// What a pass waits for further frames: half as long again as frames are apart at the plan's pace. Behind a
// stage whose passes take fewer frames than this one's, bursts of these are as far apart as they have frames.
int64_t pass_patience(const Plan& plan, const Stage& stage);
// Column groups that let the writer run on while a band is swept: what a band needs at least, and what
// arrives meanwhile when a frame takes `cycles_per_frame`; fc: the frames of two passes.
int sweep_capacity(const Stage& stage, int64_t cycles_per_frame);
// Places with which no tile waits for the ring, when passes begin at the plan's pace and the reader takes
// places at the same pace, each in `hold` cycles per beat at least:
//
//   places(t)  taken: the first sweep of a band takes one every D cycles
//              free:  the first one after all sweeps and the pipeline, then one every cycles_per_frame /
//              places
int reorder_places(const Stage& stage, int latency, int hold, int64_t cycles_per_frame);

}  // namespace elb::arch
