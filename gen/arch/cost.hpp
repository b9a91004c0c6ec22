// What a plan takes of an FPGA, stage by stage, and whether a device has it. Estimates (spec/cost.hpp).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "arch/device.hpp"
#include "arch/plan.hpp"
#include "base/diag.hpp"
#include "spec/resources.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

struct PlanCost {
  std::vector<spec::Resources> stages;  // of plan.stages; a fork counts to the stage whose output it copies
  spec::Resources memory_port;
  spec::Resources total;    // with the memory port
  bool has_uram = false;    // there is UltraRAM to be counted: technology xcup
  double memory_beats = 0;  // that a frame reads, passes over fc weights being full
};
PlanCost plan_cost(const Plan& plan, const std::vector<spec::StageSpec>& specs);

// One resource of a device.
struct Usage {
  // "lut", "ff", "bram36", "dsp", "uram" (technology xcup), "memory" (GB/s of those that a plan may ask for)
  std::string name;
  double used = 0;
  double available = 0;  // behind the shell, of what can be used
  double share() const { return available > 0 ? used / available : used > 0 ? 1e9 : 0; }
};
struct Fit {
  std::string device;
  std::vector<Usage> usage;
  std::string binds;  // the resource with the greatest share
  bool fits = true;
};
Fit fit(const PlanCost& cost, const Device& device);
// Gigabytes per second that a plan reads at its rate; 0 without a memory or a clock.
double memory_gbytes_per_s(const Plan& plan, const PlanCost& cost);
// Adds the memory of a plan, of its bandwidth the share that arch/memory_choice.hpp calls usable.
void add_memory(Fit& fit, const Plan& plan, const PlanCost& cost);
// Why it does not fit, and which stages take most of what binds.
Diag misfit(const Plan& plan, const PlanCost& cost, const Fit& fit);

}  // namespace elb::arch
