// One run of elbsim, as a function: images through a network by golden or by a design's Verilog, and what
// came of it.
//
//   RunReport r = run_golden(network, {.inputs = {"digits.npy"}, .engine = Engine::integer});
//   RunReport r = run_rtl("DIR", {.inputs = {"digits.npy"}});
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/harness/simulate.hpp"

namespace elb::harness {

enum class Engine { rtl, integer, reference };
const char* to_string(Engine e);

struct RunOptions {
  std::vector<std::string> inputs;
  std::string labels;            // empty: none
  std::optional<int64_t> count;  // images to run; nothing: each once
  Engine engine = Engine::rtl;
  Bodies bodies = Bodies::plain;  // of engine rtl
  std::string output;             // .npy; empty: none
  std::string dump_dir;           // empty: none
  StallOptions stall;
  DramOptions dram;      // of designs that read their weights
  std::string trace;     // .fst; empty: none
  std::string timing;    // .json of every frame's first and last beat; empty: none
  std::string work_dir;  // where models are built and kept; empty: the user's cache
  uint64_t seed = 1;
  // Of the simulated model, or of golden. More than one pays off for models beyond some 8,000
  // multiply-accumulates per cycle, and only on processors that do nothing else: Verilator's threads spin
  // while they wait.
  int threads = 1;
};

struct Cycles {
  std::optional<spec::Rate> cycles_per_frame;
  std::optional<int64_t> latency_cycles;
};

// When the frames of a stream passed.
struct StreamTimes {
  std::string name;  // "s_axis", a boundary's wires, "m_axis"
  std::vector<StreamCheck::Span> frames;
};

// A run against a prediction of the same run (which the harness itself does not make).
struct TimingCheck {
  int64_t streams = 0, frames = 0;
  std::optional<std::string> first_difference;
};

// What the memory port carried; averages of the whole run.
struct Traffic {
  int64_t bursts = 0, beats = 0, bytes = 0;
  double bytes_per_cycle = 0;
  std::optional<double> gbytes_per_s;  // at the plan's clock, where it has one
};

struct RunReport {
  std::string network;
  Engine engine = Engine::rtl;
  int64_t images = 0;
  std::optional<int64_t> mismatches;  // these four: of engine rtl
  std::optional<Mismatch> first_mismatch;
  std::optional<int64_t> boundaries_compared, values_compared;
  std::vector<int64_t> classes;  // of the images that came out
  int64_t labelled = 0, right = 0;
  Cycles predicted, simulated;
  std::vector<StreamTimes> times;     // of engine rtl: s_axis, the boundaries, m_axis
  std::optional<TimingCheck> timing;  // where somebody has predicted the run
  bool complete = false;              // every frame passed every stream
  std::optional<Traffic> memory;
  std::optional<double> cycles_per_second, gmac_per_second;
  std::vector<std::string> failures;  // why the answer is no, one sentence each

  bool ok() const { return failures.empty() && mismatches.value_or(0) == 0; }
  std::optional<double> accuracy() const;
};

// `network` as read (not folded). UserError for anything wrong with the files.
RunReport run_golden(const nn::Network& network, const RunOptions& options);
// Runs exactly the files that lie in `dir`.
RunReport run_rtl(const std::string& dir, const RunOptions& options);

std::string report_json(const RunReport& report);
std::string report_text(const RunReport& report);

}  // namespace elb::harness
