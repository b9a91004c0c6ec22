#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "arch/explore.hpp"
#include "arch/stage_specs.hpp"

namespace elb::arch {
namespace {

constexpr int kTries = 12;
constexpr int kFurtherTries = 2;  // behind the first plan that fits
// What a further try keeps back beyond what the last plan took too much of.
constexpr double kCaution = 0.002;
// Synthesis takes up to 0.4 % more LUTs than the estimate of a large design (docs/performance.md): a plan
// that leaves fewer is a last resort.
constexpr double kSureLut = 0.995;
// No further try for what is left.
constexpr double kNearBound = 1.01;

[[noreturn]] void refuse(const nn::Network& net, const Device& device, const Goal& goal,
                         const Choice& choice) {
  Diag d{.code = "arch-fit", .place = net.source, .text = {}};
  const std::string share =
      choice.share > 1 ? fmt::format(", it takes at least {:.0f} % of what there is", 100 * choice.share)
                       : std::string(", together with what else it needs");
  if (goal.max_cycles && choice.bound_cycles > 0) {
    d.text = fmt::format("no plan for {} takes {} cycles per frame: ", device.name, *goal.max_cycles);
    d.text += choice.layer.empty() ? fmt::format("it needs too much {}{}", choice.binds, share)
                                   : fmt::format("\"{}\" alone would take more than there is", choice.layer);
    d.notes = {fmt::format("no plan that fits takes fewer than {} cycles", choice.bound_cycles)};
    d.help = "ask for less, or take a larger device";
  } else {
    const std::string who = choice.layer.empty() ? "" : fmt::format(", \"{}\" alone", choice.layer);
    d.text = fmt::format("fits {} at no parallelism: {} binds{}{}", device.name, choice.binds, who, share);
    d.help = "a larger device, or a network with fewer bits";
  }
  throw UserError(d);
}

FittedPlan planned(const nn::Network& net, const PlanOptions& options, const std::string& top) {
  FittedPlan p;
  p.plan = make_plan(net, options);
  p.specs = stage_specs(net, p.plan, top, WeightImages::left_out);
  p.cost = plan_cost(p.plan, p.specs);
  return p;
}

// `may_pace`: a plan that is faster than its target and so asks too much of the memory can be taken at the
// memory's pace; else it does not fit. `paced`: some was, whether or not it is the one.
FittedPlan try_plans(Explorer& explorer, const nn::Network& net, const Device& device, PlanOptions options,
                     Goal goal, const std::string& top, bool may_pace, bool& paced) {
  goal.overrides = options.overrides;
  goal.technology = technology_of(options);
  options.memory = explorer.memory();
  std::optional<Diag> last;
  std::optional<FittedPlan> best, tight;
  Amounts limit = explorer.budget().most;
  limit[kLut] = static_cast<int64_t>(kSureLut * double(limit[kLut]));
  int64_t bound = 0;
  for (int i = 0, after = 0; i < kTries && after < kFurtherTries; ++i) {
    if (best) ++after;
    Choice choice = explorer.explore(net, goal);
    bound = std::max(bound, choice.bound_cycles);
    if (best && (!choice.found || choice.target >= best->choice.target)) break;
    if (!choice.found) {
      if (tight) break;
      if (last) throw UserError(*last);
      refuse(net, device, goal, choice);
    }
    options.overrides = choice.overrides;
    options.max_cycles = goal.max_cycles && !choice.lowered ? *goal.max_cycles : choice.target;
    options.pace = 0;
    FittedPlan p;
    try {
      try {
        p = planned(net, options, top);
      } catch (const TargetMissed& e) {
        if (!choice.lowered || e.fewest > *goal.max_cycles) throw;
        options.max_cycles = *goal.max_cycles;  // what has no options may take as long
        p = planned(net, options, top);
      }
      const auto pace = static_cast<int64_t>(std::ceil(p.cost.memory_beats / explorer.budget().dram_beats));
      if (may_pace && p.cost.memory_beats > 0 && pace > p.plan.cycles_per_frame &&
          pace <= goal.max_cycles.value_or(choice.target)) {
        options.pace = pace;
        paced = true;
        p = planned(net, options, top);
      }
    } catch (const TargetMissed& e) {
      // A stage without options cannot be that fast.
      if (goal.max_cycles || e.fewest <= choice.target) throw;
      goal.least_cycles = e.fewest;
      continue;
    }
    p.fit = fit(p.cost, device);
    add_memory(p.fit, p.plan, p.cost);
    const bool fits = p.fit.fits;
    if (!fits) {
      last = misfit(p.plan, p.cost, p.fit);
      last->place = net.source;
    }
    const double beats = explorer.budget().dram_beats * static_cast<double>(p.plan.cycles_per_frame);
    if (p.cost.memory_beats > beats)
      goal.reserve[kDram] += static_cast<int64_t>(std::ceil(p.cost.memory_beats - beats + kCaution * beats));
    const Amounts real = amounts(p.cost.total);
    for (size_t kind = 0; kind < kDram; ++kind) {
      const auto caution = static_cast<int64_t>(std::ceil(kCaution * double(explorer.budget().most[kind])));
      const int64_t unknown = real[kind] - choice.used[kind] + caution;
      const int64_t kept_back = explorer.budget().most[kind] - limit[kind];
      if (real[kind] > limit[kind])
        goal.reserve[kind] = std::max(goal.reserve[kind] + caution, unknown + kept_back);
      else if (fits)
        goal.reserve[kind] = unknown;  // less than nothing where the options cost too much
    }
    if (!fits) continue;
    p.choice = std::move(choice);
    if (real[kLut] > limit[kLut]) {
      if (!tight) tight = std::move(p);
      continue;
    }
    const bool done = goal.max_cycles || double(p.choice.target) < kNearBound * double(bound);
    if (!best || p.plan.cycles_per_frame < best->plan.cycles_per_frame) best = std::move(p);
    if (done) break;
  }
  if (!best) best = std::move(tight);
  if (!best) throw UserError(*last);
  // Options are priced without contents, so a plan may lie below what they allow.
  best->choice.bound_cycles = std::min(bound, best->plan.cycles_per_frame);
  return std::move(*best);
}

}  // namespace

FittedPlan plan_within(Explorer& explorer, const nn::Network& net, const Device& device, PlanOptions options,
                       Goal goal, const std::string& top) {
  bool paced = false;
  FittedPlan best = try_plans(explorer, net, device, options, goal, top, true, paced);
  if (!paced || goal.max_cycles) return best;
  // Where the memory limits a plan, one that asks less of it may be faster.
  try {
    FittedPlan other = try_plans(explorer, net, device, options, goal, top, false, paced);
    if (other.plan.cycles_per_frame < best.plan.cycles_per_frame) best = std::move(other);
  } catch (const UserError&) {  // none fits
  }
  return best;
}

}  // namespace elb::arch
