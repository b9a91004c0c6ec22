// The transaction-level model: the composed pipeline, cycle by cycle, without data.
//
// No timing in this hardware depends on data (docs/architecture.md): every stage is a token machine whose
// constants live in spec/, shared with the RTL. So the model is not an estimate: the cycle in which each
// boundary passes its first and last beat of each frame equals that of the simulated Verilog. Cycle 0 is the
// first cycle after reset; the source always has a beat, the sink always takes one, the memory every address.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/plan.hpp"
#include "spec/rate.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

// Cycles of a stream's transfers, by frame.
struct FrameTimes {
  std::vector<int64_t> first, last;
};

struct StageActivity {
  FrameTimes out;                // transfers at its output
  int queue_peak = 0;            // most beats in its output FIFO
  std::vector<int> branch_peak;  // most beats in the branch FIFO of each input (0 where there is none)
  // Cycles in which it waited for input, for weights from memory, for room behind it (whole run).
  int64_t starved = 0, weightless = 0, blocked = 0;
  int64_t weight_beats = 0;  // read from memory (whole run)
};

struct ModelResult {
  FrameTimes in;  // transfers at s_axis
  std::vector<StageActivity> stages;
  std::string deadlock;                        // empty, or who waits for whom
  std::optional<spec::Rate> cycles_per_frame;  // by spec::rate, or the steady rate
  std::optional<int64_t> latency_cycles;       // first input transfer to first output transfer
  bool steady = false;                         // until_steady: the rate is for ever
  int64_t cycles = 0;                          // of the whole run
  std::vector<int64_t> memory_beats;           // read when each frame's last output beat left
};

struct ModelOptions {
  int frames = 4;
  bool until_steady = false;        // `frames` at most: ends when the rate shows
  bool unbounded_branches = false;  // branch FIFOs without limit, to see what they need
  // Of the memory behind the port, instead of what the plan assumes.
  std::optional<spec::DramTiming> timing = {};
};

// `stages`: one per stage of the plan, in its order; the last one is the network's output.
ModelResult run_model(const std::vector<spec::StageSpec>& stages, const Plan& plan,
                      const ModelOptions& options = {});

// What the memory sends in the second half of the run, between the last beats of two frames. Nothing for
// less than two.
std::optional<double> memory_bytes_per_cycle(const ModelResult& run, const Plan& plan);

}  // namespace elb::arch
