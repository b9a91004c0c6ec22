// Runs a design in Verilator against golden: pixels in, every boundary compared, cycles counted.
//
// Cycle 0 is the first after reset. Without stalls the source always has a beat and the sink always takes
// one. Lanes beyond the map carry random bits, so that nothing can depend on them. A design that reads its
// weights has a memory at its port (axi_memory.hpp).
//
// A read error stops the design. It shall do so in silence: the run ends when nothing moves any more, every
// beat until then is compared as ever, and `read_error` says what happened. It is no failure by itself.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/harness/axi_memory.hpp"
#include "sim/harness/stream_check.hpp"
#include "spec/rate.hpp"

namespace elb::harness {

struct StallOptions {
  uint64_t seed = 1;
  int percent = 0;  // of the cycles in which the source, and independently the sink, pauses: 0..99
  std::optional<int> sink_percent = {};  // of the sink, where it differs

  int of_sink() const { return sink_percent.value_or(percent); }
};

struct SimulateOptions {
  StallOptions stall;
  DramOptions dram;
  uint64_t seed = 1;  // of power-up values, don't-care lanes and weights_base
  int threads = 1;
  std::string trace;                                                    // FST file; empty: none
  bool keep_maps = false;                                               // give every boundary's map to on_map
  std::function<void(int64_t frame, const golden::Tensor&)> on_output;  // as the design sent it
  std::function<void(size_t boundary, int64_t frame, const golden::Tensor&)> on_map;
  std::function<void(int64_t frame, const golden::Result&)> on_golden;  // once every boundary has passed it
  std::function<void(int64_t frames_done, int64_t cycle)> on_progress;  // every some thousand cycles
};

// What passed the memory port.
struct MemoryTraffic {
  int64_t bursts = 0, beats = 0, bytes = 0;
  std::optional<AxiMemory::ReadError> read_error;
};

struct SimulateResult {
  int64_t values_compared = 0, mismatches = 0;
  std::optional<Mismatch> first_mismatch;  // of the lowest image, there of the first layer
  std::vector<std::string> failures;       // deadlock, handshake, last, frame_error: one sentence each
  std::optional<spec::Rate> cycles_per_frame;
  std::optional<int64_t> latency_cycles;
  int64_t frames_done = 0, cycles = 0;
  std::optional<MemoryTraffic> memory;
  double seconds = 0;
  std::vector<StreamCheck::Span> input_spans;         // [frames], at s_axis
  std::vector<std::vector<StreamCheck::Span>> spans;  // [boundaries][frames], then those of the output
};

SimulateResult simulate(const Manifest& manifest, const nn::Network& network,
                        const std::string& shared_object, Frames& frames, const SimulateOptions& options);

}  // namespace elb::harness
