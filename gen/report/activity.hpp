// What every stage waits for in the model's run, how full its FIFOs get, and what the memory sends: where a
// plan loses cycles.
#pragma once
#include <string>

#include "arch/model.hpp"
#include "arch/plan.hpp"

namespace elb::report {

// {cycles, frames, cycles_per_frame, stages: [{stage, waits: {input, weights, room}, queue_peak, branch_peak,
//  weight_bytes}], memory: null | {name, bytes_per_cycle, gbytes_per_s}}
// Waits are cycles of the whole run in which a tile could have issued but for that; bytes per cycle are those
// of the run's second half. gbytes_per_s is null where the clock is not known.
std::string activity_json(const arch::Plan& plan, const arch::ModelResult& model);

}  // namespace elb::report
