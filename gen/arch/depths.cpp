#include "arch/depths.hpp"

#include <algorithm>
#include <type_traits>

#include "arch/model.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

using Kind = DepthSlot::Kind;
constexpr int kMostFrames = 24;  // a pace that is kept is steady long before

bool is_given(const Plan& plan, const DepthSlot& slot, const PlanOverrides& given) {
  const auto row = std::find_if(given.stages.begin(), given.stages.end(), [&](const StageOverride& r) {
    return r.layer == plan.stages[slot.stage].name;
  });
  if (row == given.stages.end()) return false;
  switch (slot.kind) {
    case Kind::window:
      return row->window_capacity.has_value();
    case Kind::output:
      return row->fifo_depth.has_value();
    case Kind::branch:
      return slot.input < static_cast<int>(row->branch_fifos.size()) &&
             row->branch_fifos[slot.input].value_or(0) > 0;
  }
  return false;
}

int used(const ModelResult& run, const DepthSlot& slot) {
  const StageActivity& a = run.stages[slot.stage];
  switch (slot.kind) {
    case Kind::window:
      return a.window_used;
    case Kind::output:
      return a.queue_used;
    case Kind::branch:
      return a.branch_used[slot.input];
  }
  return 0;
}

ModelResult paced_run(const std::vector<spec::StageSpec>& specs, const Plan& plan) {
  return run_model(specs, plan, {.frames = kMostFrames, .pace = plan.cycles_per_frame});
}

}  // namespace

std::vector<DepthSlot> depth_slots(const Plan& plan) {
  std::vector<DepthSlot> windows, branches, outputs;
  for (int i = 0; i < static_cast<int>(plan.stages.size()); ++i) {
    const Stage& s = plan.stages[i];
    if (s.window) windows.push_back({.kind = Kind::window, .stage = i});
    for (int k = 0; k < static_cast<int>(s.inputs.size()); ++k) {
      if (s.inputs[k].branch_fifo > 0) branches.push_back({.kind = Kind::branch, .stage = i, .input = k});
    }
    outputs.push_back({.kind = Kind::output, .stage = i});
  }
  windows.insert(windows.end(), branches.begin(), branches.end());
  windows.insert(windows.end(), outputs.begin(), outputs.end());
  return windows;
}

int depth(const Plan& plan, const DepthSlot& slot) {
  const Stage& s = plan.stages[slot.stage];
  switch (slot.kind) {
    case Kind::window:
      return s.window->capacity;
    case Kind::output:
      return s.fifo_depth;
    case Kind::branch:
      return s.inputs[slot.input].branch_fifo;
  }
  return 0;
}

int smallest_legal(const Plan& plan, const DepthSlot& slot) {
  const Stage& s = plan.stages[slot.stage];
  switch (slot.kind) {
    case Kind::window:
      return static_cast<int>(spec::min_capacity(*s.window));
    case Kind::output:
      return s.beats_per_tile;
    case Kind::branch:
      return 1;
  }
  return 1;
}

void set_depth(Plan& plan, std::vector<spec::StageSpec>& specs, const DepthSlot& slot, int depth) {
  Stage& s = plan.stages[slot.stage];
  if (slot.kind == Kind::branch) {
    s.inputs[slot.input].branch_fifo = depth;
    return;
  }
  if (slot.kind == Kind::window) s.window->capacity = depth;
  if (slot.kind == Kind::output) s.fifo_depth = depth;
  const auto change = [&](auto& spec) {
    using Spec = std::decay_t<decltype(spec)>;
    if (slot.kind == Kind::output) spec.fifo_depth = depth;
    if constexpr (std::is_same_v<Spec, spec::ComputeStage> || std::is_same_v<Spec, spec::LanewiseStage>) {
      if (slot.kind == Kind::window) spec.window.capacity = depth;
    }
  };
  std::visit(change, specs[slot.stage]);
}

bool keeps_rate(const std::vector<spec::StageSpec>& specs, const Plan& plan) {
  return paced_run(specs, plan).steady;
}

bool minimise_depths(Plan& plan, std::vector<spec::StageSpec>& specs, const PlanOverrides& given) {
  const ModelResult roomy = paced_run(specs, plan);
  if (!roomy.steady) return false;
  std::vector<DepthSlot> slots = depth_slots(plan);
  slots.erase(std::remove_if(slots.begin(), slots.end(),
                             [&](const DepthSlot& s) { return is_given(plan, s, given); }),
              slots.end());
  // What the paced pipeline never used is never missed.
  for (const DepthSlot& slot : slots) {
    const int enough = std::max(used(roomy, slot), smallest_legal(plan, slot));
    set_depth(plan, specs, slot, std::min(enough, depth(plan, slot)));
  }
  ELB_ASSERT(keeps_rate(specs, plan), "depths that hold the highest fills change nothing");
  for (const DepthSlot& slot : slots) {
    int below = smallest_legal(plan, slot) - 1, enough = depth(plan, slot);
    while (enough - below > 1) {
      const int middle = below + (enough - below) / 2;
      set_depth(plan, specs, slot, middle);
      (keeps_rate(specs, plan) ? enough : below) = middle;
    }
    set_depth(plan, specs, slot, enough);
  }
  return true;
}

}  // namespace elb::arch
