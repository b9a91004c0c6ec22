// Which stages begin their accumulators with presets (spec/presets.hpp).
#pragma once
#include "spec/stage.hpp"

namespace elb::arch {

// Moves the first step of a stage's activation into the beginning of its accumulators, where that takes fewer
// LUTs and nothing more of anything scarcer. No latency changes, nor any code. The names of what is made come
// from the stage.
void choose_presets(spec::ComputeStage& stage);

}  // namespace elb::arch
