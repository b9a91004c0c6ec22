// From a network to a plan: an engine, its parallelism, its links, stores and FIFOs for every layer.
//
// Without a device budget the plan takes per stage the smallest parallelism whose cycles per frame are at
// most `max_cycles`, or at most those of the stages before it where these are slower. Whatever a plan.json
// gives is obeyed exactly, or refused with its place and a reason; the rest is chosen.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "arch/plan.hpp"
#include "base/diag.hpp"
#include "nn/network.hpp"

namespace elb::arch {

// One row of a plan.json: only what it gives.
struct StageOverride {
  std::string layer = {};
  std::string place = {};  // "plan.json#/stages/3"
  std::optional<Engine> engine = {};
  std::optional<int> p = {}, s = {}, m = {}, l = {}, b = {};
  std::optional<int> band_rows = {}, reorder_places = {}, weight_slots = {}, dsp = {};
  std::optional<Residence> weights = {};
  std::optional<UltraRam> ultra = {};
  std::optional<Activation> activation = {};
  std::optional<int> fifo_depth = {}, window_capacity = {};
  std::vector<std::optional<int>> branch_fifos = {};  // per input
};

struct PlanOverrides {
  std::string place;  // of the file
  std::optional<std::string> network, device;
  std::optional<double> clock_mhz;
  std::optional<spec::Technology> technology;
  std::optional<MemoryPort> memory;
  std::optional<int64_t> pace;
  std::vector<StageOverride> stages;
};

struct PlanOptions {
  int64_t max_cycles = 100000;
  std::string device = {};
  std::optional<double> clock_mhz = {};
  std::optional<spec::Technology> technology = {};
  std::optional<MemoryPort> memory = {};  // unless the overrides give one
  int64_t pace = 0;                       // Plan::pace, unless the overrides give one
  PlanOverrides overrides = {};
};
// As the options say, else as the overrides do, else generic.
spec::Technology technology_of(const PlanOptions& options);

// The network is sound, the target is out of reach: exit code 1.
struct TargetMissed : std::runtime_error {
  explicit TargetMissed(Diag d, int64_t fewest_cycles = 0)
      : std::runtime_error(to_string(d)), diag(std::move(d)), fewest(fewest_cycles) {}
  Diag diag;
  int64_t fewest;  // cycles per frame that the layer needs; 0: not said
};

// `net` must be folded. UserError [arch-...] for overrides that cannot be obeyed, TargetMissed when no
// parallelism meets max_cycles.
Plan make_plan(const nn::Network& net, const PlanOptions& options);

// Reads beats of a map as one vector?
bool flattens(const nn::Network& net, const Stage& stage);

}  // namespace elb::arch
