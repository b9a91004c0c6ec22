// The planner under a device's budget: factors, residence of weights, bands, passes and activations of all
// layers at once, so that the frame takes the fewest cycles that fit, or a number of cycles is met at the
// least price (Selection::price).
//
// Options are made for an octave of targets at a time: first for that in which the roofline lets a plan be
// expected, then downwards as long as the bound refuses nothing, or upwards as long as nothing is found.
//
// explore() looks at shapes and bits only, so that networks without weights can be explored; tables of
// options are kept for layers of equal shape, from one network to the next. What it finds goes through
// make_plan, whose true cost then decides (plan_within).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "arch/cost.hpp"
#include "arch/device.hpp"
#include "arch/make_plan.hpp"
#include "arch/roofline.hpp"
#include "arch/search.hpp"

namespace elb::arch {

struct Goal {
  std::optional<int64_t> max_cycles = {};  // meet it at the least cost; nothing: the fewest cycles
  Amounts reserve = {};                    // of the budget, for what options do not know of
  int64_t least_cycles = 1;                // do not try for fewer
  spec::Technology technology = spec::Technology::generic;
  bool assume_affine = false;    // of activations of many steps whose constants are not known
  PlanOverrides overrides = {};  // of a user: obeyed
};

struct Choice {
  bool found = false;
  bool for_target = false;  // the goal was not to be as fast as possible
  bool lowered = false;     // none was found at the goal's target, but below it
  int64_t target = 0;       // cycles that every stage meets
  int64_t cycles = 0;       // of the slowest stage with options
  Amounts used{};           // with feeds; without stages that have no options
  PlanOverrides overrides;  // the user's, and what was chosen
  // No plan within the budget takes fewer cycles; by the cost that options have. 0: there is none at all.
  int64_t bound_cycles = 0;
  Roofline roofline;
  std::string binds;  // found: the resource with the greatest share; else: the one that no choice can do with
  double share = 0;   // of it
  // Not found: the layer that alone takes more than there is, at the goal's cycles; empty: all together do.
  std::string layer;
};

class Explorer {
 public:
  // `quick`: some thirty times as fast as `thorough`, for a plan some percent slower.
  // Tables are made on so many threads; 0: on all of the machine.
  Explorer(const Device& device, double clock_mhz, Effort effort = Effort::thorough, int threads = 0);
  Choice explore(const nn::Network& net, const Goal& goal);
  const std::optional<MemoryPort>& memory() const { return memory_; }
  const Budget& budget() const { return budget_; }

 private:
  friend class Exploration;
  // Of a layer's smallest option, whether or not the device could hold it.
  std::array<double, kKinds> smallest_shares(LayerShape shape) const;
  // Those that are missing are made.
  std::vector<OptionTable*> tables(const std::vector<LayerShape>& shapes, const TargetWindow& window,
                                   Effort effort);

  std::optional<MemoryPort> memory_;
  Budget budget_;
  Effort effort_;
  size_t threads_;
  std::unordered_map<std::string, std::unique_ptr<OptionTable>> tables_;
  Rooflines rooflines_;
};

// A plan of a folded network that fits.
struct FittedPlan {
  Plan plan;
  std::vector<spec::StageSpec> specs;  // without images of the weights
  PlanCost cost;
  Fit fit;
  Choice choice;
};
// UserError [arch-fit] where none does, with what binds and by how much.
FittedPlan plan_within(Explorer& explorer, const nn::Network& net, const Device& device, PlanOptions options,
                       Goal goal, const std::string& top);

}  // namespace elb::arch
