// A whole design in the interpreter, with the memory behind its port.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "arch/plan.hpp"
#include "hdl/eval/stream_bench.hpp"
#include "nn/network.hpp"

namespace elb::top::test {

constexpr const char* kTop = "elb_net";
constexpr int kFrames = 4;

// A directory that goes away again.
struct Dir {
  Dir();
  ~Dir();
  Dir(const Dir&) = delete;
  Dir& operator=(const Dir&) = delete;
  std::filesystem::path path;
};

// Read and folded.
nn::Network network_of(const std::string& json);

// When a memory answers: at random, or as the cycle model has it.
struct Answers {
  int percent = 100;  // of cycles with a beat, of cycles that take an address
  std::optional<spec::DramTiming> timing = {};
};

struct Run {
  std::vector<uint64_t> out;
  std::vector<int64_t> frame_ends;  // cycles
  int64_t last_weight = -1;         // cycle of the last beat of weights
  int64_t first_d = -1;             // cycle in which d issues its first tile
};

// Sends kFrames frames of pixels; the design has a stage "d".
Run run(const nn::Network& net, const arch::Plan& plan, const Answers& answers, hdl::Stall stall);
// Golden's values of these frames, as Run::out has them; the network ends with raw accumulators of one pixel.
std::vector<uint64_t> golden_values(const nn::Network& net, const spec::Link& out);

}  // namespace elb::top::test
