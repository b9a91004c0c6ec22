// A simulated run against the cycle model: every frame's first and last beat at every boundary.
#pragma once
#include <string>

#include "sim/harness/run.hpp"

namespace elb::cli {

// Runs the model of DIR/plan.json for as many frames behind the same memory and sets report.predicted and
// report.timing; a difference is a failure of the run. Nothing where the model says nothing of such a run:
// with stalls, a memory of random times or one that fails, or frames that did not come out.
void check_timing(const std::string& dir, const harness::RunOptions& options, harness::RunReport& report);

}  // namespace elb::cli
