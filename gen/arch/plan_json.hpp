// plan.json: a plan as users see and edit it.
//
//   {"format": "elbgen.plan/1", "network": "tiny", "device": null, "clock_mhz": 200,
//    "memory": {"name": "pl_ddr3", "protocol": "axi4", "data_bits": 512, "address_bits": 32,
//               "burst_beats": 16, "outstanding": 8, "latency_cycles": 40,
//               "bandwidth": {"beats": 1, "cycles": 1}},
//    "stages": [{"layer": "conv1", "engine": "compute", "p": 4, "s": 3, "m": 1, "l": 2, "b": 1,
//                "weights": "stream", "band_rows": 28, "reorder_places": 800, "weight_slots": 2,
//                "ultra": ["weights"], "activation": "threshold", "fifo_depth": 9, "window_capacity": 97,
//                "branch_fifos": [0],
//                "cycles": 7056}]}
//
// Every field but `format` and a stage's `layer` may be left out, or be null: then the planner chooses. What
// is given is obeyed; `cycles` is a prediction and is not read back. `memory` is null where no weights are
// fetched; band_rows (of a conv), reorder_places and weight_slots are of streamed weights only; `ultra`, under
// technology xcup, lists what lies in UltraRAM: "store", "weights" (fetched), "ring" (behind streamed ones).
#pragma once
#include <string>

#include "arch/make_plan.hpp"
#include "base/json.hpp"

namespace elb::arch {

std::string plan_json(const Plan& plan);
// The object under `memory`.
void write_memory(JsonWriter& w, const MemoryPort& m);

// UserError with every mistake found in the file.
PlanOverrides read_plan(const std::string& path);
PlanOverrides read_plan_text(const std::string& text, const std::string& file_name);

}  // namespace elb::arch
