// The plan: one row per stage, what it computes with and how its streams look. Made from a network by
// make_plan (arch/make_plan.hpp), edited by users as plan.json (arch/plan_json.hpp), obeyed by top/assemble.
//
// Stages stand in topological order; stage 0 is the input. A flatten layer that only fc layers read has no
// stage: they take the producer's link; any other is a convert stage. A stage whose output several stages
// read has a branch FIFO on each reading edge.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/network.hpp"
#include "spec/compute.hpp"
#include "spec/dram_timing.hpp"
#include "spec/fetch.hpp"
#include "spec/link.hpp"
#include "spec/window.hpp"

namespace elb::arch {

enum class Engine {
  input,        // pixel table
  compute,      // conv, fc: P x S x M dot products over a window store
  lanewise,     // max/average pool and depthwise conv: S channels x M pixels over a window store
  elementwise,  // add, quantize
  concat,
  rank,     // argmax, top_k
  convert,  // change of V and L, flatten before anything but fc
};
const char* to_string(Engine e);

// Where weights live. rom: in the bitstream. ram: fetched from memory behind reset, and kept. stream: fetched
// over and over, a tile at a time.
enum class Residence { none, rom_block, rom_logic, ram_block, ram_distributed, stream };
const char* to_string(Residence r);
bool is_fetched(Residence r);  // ram, stream: through the memory port

// What of a stage lies in UltraRAM instead of block RAM (technology xcup): the window store, fetched weights,
// the reorder ring. Nothing else is without contents and large.
struct UltraRam {
  bool store = false, weights = false, ring = false;
  bool operator==(const UltraRam&) const = default;
  bool any() const { return store || weights || ring; }
};

// How a stage turns accumulators into codes.
enum class Activation { none, threshold, affine, raw };
const char* to_string(Activation a);

// The names of all values, in order: what plan.json knows.
const std::vector<std::string>& engine_names();
const std::vector<std::string>& residence_names();
const std::vector<std::string>& activation_names();
const std::vector<std::string>& technology_names();
const std::vector<std::string>& ultra_names();  // of UltraRam's members, in order

// Depths of FIFOs and stores that no plan.json gives. bounds: simple and safe (arch/buffers.hpp). smallest:
// with one place less the plan loses its rate (arch/depths.hpp). given: there are none.
enum class Depths { bounds, smallest, given };
const char* to_string(Depths d);

// One input of a stage.
struct Edge {
  int from = 0;         // producing stage
  spec::Link link;      // as the producer sends it (a flatten in between changes nothing here)
  int branch_fifo = 0;  // depth of the FIFO on this edge where the producer has several readers, else 0
};

struct Stage {
  std::string
      name;  // of the layer; "input" for stage 0; "<layer>_convert" behind a layer whose link must change
  int layer = -1;  // index into nn::Network::layers of the values that leave it; -1: input
  Engine engine = Engine::compute;
  int p = 1;                // kernels in parallel (compute); channels per beat (input, concat); else s
  int s = 1;                // inputs of a dot product (compute), channels in parallel (lanewise, elementwise)
  int m = 1;                // output pixels (columns) in parallel
  int b = 1;                // most images of a pass over streamed weights (fc)
  int band_rows = 0;        // output rows under one sweep of streamed weights (conv)
  int reorder_places = 0;   // of the ring behind a stage with streamed weights (spec/sweep.hpp)
  int weight_slots = 2;     // tiles of streamed weights on chip
  int dsp = spec::kAllDsp;  // slices of products or accumulators (spec::ComputeParams)
  Residence weights = Residence::none;
  UltraRam ultra = {};
  Activation activation = Activation::none;
  std::vector<Edge> inputs = {};
  spec::Link out = {};                            // what it sends
  std::optional<spec::WindowParams> window = {};  // compute, lanewise: its store
  int tile_cycles = 1;                            // D: cycles between tiles, max(folds, beats per tile)
  int beats_per_tile = 1;                         // b of the stall discipline
  int fifo_depth = 2;                             // output FIFO, in beats
  int64_t stage_cycles = 0;                       // cycles per frame that the engine needs
  int64_t link_cycles = 0;  // beats per frame of the slowest of its links (writers included)
  int64_t cycles() const { return stage_cycles > link_cycles ? stage_cycles : link_cycles; }
};

// The memory port behind which weights lie, as the planner took it from the device or from the user.
struct MemoryPort {
  std::string name = "memory";
  spec::MemoryProtocol protocol = spec::MemoryProtocol::axi4;
  int data_bits = 128;
  int address_bits = 32;
  int burst_beats = 16;          // a power of two, at most 4096 bytes
  int outstanding = 8;           // bursts under way
  spec::DramTiming timing = {};  // what the prediction assumes
};

struct Plan {
  std::string network;
  std::string device;  // empty: none was named
  std::optional<double> clock_mhz;
  spec::Technology technology = spec::Technology::generic;
  std::optional<MemoryPort> memory;  // exactly where a stage fetches weights
  std::vector<Stage> stages;
  Depths depths = Depths::bounds;
  int64_t macs = 0;  // multiplications of a frame
  // Cycles per frame below which the memory is asked for more than it shall give; 0: it never is.
  int64_t pace = 0;
  int64_t cycles_per_frame = 0;           // max over stages and pace: exact where no memory binds
  std::optional<int64_t> latency_cycles;  // first input transfer to first output transfer
};

int images_per_pass(const Plan& plan);  // the most of its stages

}  // namespace elb::arch
