#include "arch/depths.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

#include "arch/paced_run.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

using Kind = DepthSlot::Kind;

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

std::vector<DepthSlot> free_slots(const Plan& plan, const PlanOverrides& given) {
  std::vector<DepthSlot> slots = depth_slots(plan);
  std::erase_if(slots, [&](const DepthSlot& s) { return is_given(plan, s, given); });
  return slots;
}

int used(PacedRun& run, const DepthSlot& slot) {
  switch (slot.kind) {
    case Kind::window:
      return run.window_used(slot.stage);
    case Kind::output:
      return run.queue_used(slot.stage);
    case Kind::branch:
      return run.branch_used(slot.stage, slot.input);
  }
  return 0;
}

void narrow(PacedRun& run, const DepthSlot& slot, int places) {
  switch (slot.kind) {
    case Kind::window:
      return run.narrow_window(slot.stage, places);
    case Kind::output:
      return run.narrow_queue(slot.stage, places);
    case Kind::branch:
      return run.narrow_branch(slot.stage, slot.input, places);
  }
}

// A plan whose depths shrink while its pipeline runs on.
class Shrinking {
 public:
  Shrinking(Plan& plan, std::vector<spec::StageSpec>& specs, std::vector<DepthSlot> slots)
      : plan_(&plan),
        specs_(&specs),
        slots_(std::move(slots)),
        run_(std::make_unique<PacedRun>(specs, plan)) {}
  bool begin() {
    const bool keeps = run_->keeps_pace();
    if (keeps) drop_unused();
    return keeps;
  }
  // Most depths are one place too deep at most, so it goes down in steps that grow, then bisects.
  void shrink(const DepthSlot& slot) {
    int fails = smallest_legal(*plan_, slot) - 1, step = 1;
    if (slot.kind == Kind::output) fails = std::max(fails, run_->least_queue(slot.stage) - 1);
    bool failed = false;
    while (depth(*plan_, slot) - fails > 1) {
      const int enough = depth(*plan_, slot);
      const int places = failed ? fails + (enough - fails) / 2 : std::max(fails + 1, enough - step);
      if (keeps_pace_with(slot, places)) {
        step *= 2;
      } else {
        fails = places;
        failed = true;
      }
    }
  }

 private:
  bool keeps_pace_with(const DepthSlot& slot, int places) {
    auto trial = std::make_unique<PacedRun>(*run_);
    narrow(*trial, slot, places);
    if (!trial->keeps_pace()) return false;
    run_ = std::move(trial);
    set_depth(*plan_, *specs_, slot, places);
    drop_unused();
    return true;
  }
  // What the paced pipeline never used is never missed.
  void drop_unused() {
    for (const DepthSlot& slot : slots_) {
      const int enough = std::max(used(*run_, slot), smallest_legal(*plan_, slot));
      if (enough >= depth(*plan_, slot)) continue;
      narrow(*run_, slot, enough);
      set_depth(*plan_, *specs_, slot, enough);
    }
  }

  Plan* plan_;
  std::vector<spec::StageSpec>* specs_;
  std::vector<DepthSlot> slots_;
  std::unique_ptr<PacedRun> run_;
};

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
  return PacedRun(specs, plan).keeps_pace();
}

int64_t minimise_work(const Plan& plan, const PlanOverrides& given) {
  const auto stages = static_cast<int64_t>(plan.stages.size());
  return static_cast<int64_t>(free_slots(plan, given).size()) * stages * plan.cycles_per_frame;
}

bool minimise_depths(Plan& plan, std::vector<spec::StageSpec>& specs, const PlanOverrides& given) {
  const std::vector<DepthSlot> slots = free_slots(plan, given);
  Shrinking shrinking(plan, specs, slots);
  if (!shrinking.begin()) return false;
  for (const DepthSlot& slot : slots) shrinking.shrink(slot);
  ELB_ASSERT(keeps_rate(specs, plan), "the smallest depths keep the rate from the first frame on");
  plan.depths = Depths::smallest;
  return true;
}

}  // namespace elb::arch
