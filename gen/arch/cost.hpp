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
  spec::Resources total;                // with the memory port
};
PlanCost plan_cost(const Plan& plan, const std::vector<spec::StageSpec>& specs);

// One resource of a device.
struct Usage {
  std::string name;  // "lut", "ff", "bram36", "dsp"
  double used = 0;
  double available = 0;  // behind the shell
  double share() const { return available > 0 ? used / available : used > 0 ? 1e9 : 0; }
};
struct Fit {
  std::string device;
  std::vector<Usage> usage;
  std::string binds;  // the resource with the greatest share
  bool fits = true;
};
Fit fit(const PlanCost& cost, const Device& device);
// Why it does not fit, and which stages take most of what binds.
Diag misfit(const Plan& plan, const PlanCost& cost, const Fit& fit);

}  // namespace elb::arch
