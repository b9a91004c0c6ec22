// The whole way from a network to a directory of Verilog, as one function: what elbgen does, and elbsim when
// it is given a network.
//
//   Generated g = generate({.network = "configs/networks/tiny.json"});
//   write_directory("rtl", g.files, top::kManifest, false);
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "arch/cost.hpp"
#include "arch/explore.hpp"
#include "arch/make_plan.hpp"
#include "arch/model.hpp"

namespace elb::cli {

inline constexpr int64_t kMaxCycles = 100000;

struct GenerateOptions {
  std::string network;      // file, or name of a shipped network
  std::string device = {};  // file or name; empty: none
  std::optional<double> clock_mhz = {};
  std::optional<spec::Technology> technology = {};  // else the plan file's, else the device's, else generic
  std::optional<double> lut_share = {};  // of the device, the shell included; else as its file says
  std::string plan_file = {};
  // With a device: met at the least cost; neither: the greatest throughput that fits. Without: kMaxCycles.
  std::optional<int64_t> max_cycles = {};
  std::optional<double> target_fps = {};
  std::string prefix = {};  // instead of the network's name in module names
  // The smallest FIFOs and stores that keep the rate. Not said: where finding them takes a second or so.
  std::optional<bool> minimise = {};
  bool no_fit = false;     // go on with a plan that the device cannot hold
  bool plan_only = false;  // no files
  int model_frames = 0;    // of Generated::model
};

struct Generated {
  nn::Network network;
  arch::Plan plan;
  arch::PlanCost cost;
  std::optional<arch::Fit> fit;        // where a device was named
  std::optional<arch::Choice> choice;  // where the device's budget was searched
  std::string top;
  std::optional<arch::ModelResult> model;    // what it says of model_frames frames
  std::map<std::string, std::string> files;  // path relative to DIR -> content
};

// --lut-share; UserError where the shell has it all.
void limit_luts(arch::Device& device, const std::optional<double>& share);

// UserError for bad input or a plan that does not fit, arch::TargetMissed where max_cycles cannot be met.
// Writes nothing.
Generated generate(const GenerateOptions& options);
// The same for a network that has been read already; options.network is not looked at. `explorer`: of the
// device and clock of the options; what it keeps from earlier networks spares time.
Generated generate(nn::Network network, const GenerateOptions& options, arch::Explorer* explorer = nullptr);

}  // namespace elb::cli
