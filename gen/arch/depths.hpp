// The smallest output FIFOs, branch FIFOs and window stores that keep a plan's rate.
//
// Between FIFOs nothing is arbitrated, so times are monotone: a smaller depth never makes a beat earlier.
// (Streamed weights share a port that is: plans that have any are not for this.)
// Hence each depth can be searched with the model, one after the other, and one pass leaves every one of them
// minimal: with one place less the plan loses its rate, or the depth is the smallest that is legal. Every
// trial goes on from a pipeline that runs at the plan's pace (arch/paced_run.hpp).
#pragma once
#include <vector>

#include "arch/make_plan.hpp"
#include "arch/plan.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

// A depth of a plan: the store of a stage, the FIFO at its input, or the FIFO at its output.
struct DepthSlot {
  enum class Kind { window, branch, output } kind = Kind::output;
  int stage = 0, input = 0;  // input: of a branch FIFO
};
// Window stores first: a place of theirs holds most.
std::vector<DepthSlot> depth_slots(const Plan& plan);
int depth(const Plan& plan, const DepthSlot& slot);
int smallest_legal(const Plan& plan, const DepthSlot& slot);
// `specs` are those of the plan's stages; both are changed.
void set_depth(Plan& plan, std::vector<spec::StageSpec>& specs, const DepthSlot& slot, int depth);

// Does the plan run at plan.cycles_per_frame for ever?
bool keeps_rate(const std::vector<spec::StageSpec>& specs, const Plan& plan);

// Free depths x stages x cycles per frame; 10 million take about a second.
int64_t minimise_work(const Plan& plan, const PlanOverrides& given = {});

// What `given` gives stays. False, and nothing is changed, where the plan does not keep its rate as it is.
// Styles of memories in `specs` are left: make the specs anew from the plan.
bool minimise_depths(Plan& plan, std::vector<spec::StageSpec>& specs, const PlanOverrides& given = {});

}  // namespace elb::arch
