// The stages: everything that hw/ needs to build one, and nothing else. top/ fills them from network and
// plan.
//
// Every stage is one module with ports clk, rst, in_{tdata,tvalid,tready,tlast} (in0_, in1_, ... where there
// are several inputs) and out_{tdata,tvalid,tready,tlast}. Ready and valid come from registers. The results
// enter an output FIFO of `fifo_depth` beats; a tile issues only with credits for all its beats, so nothing
// behind the issue point ever waits.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/mem_image.hpp"
#include "spec/activation.hpp"
#include "spec/compute.hpp"
#include "spec/fetch.hpp"
#include "spec/lane_reduce.hpp"
#include "spec/link.hpp"
#include "spec/presets.hpp"
#include "spec/serializer.hpp"
#include "spec/sweep.hpp"
#include "spec/window.hpp"

namespace elb::spec {

// Where a constant or a feature map lives. `ultra` is for what has no contents to begin with, and behaves as
// `block` does.
enum class MemoryStyle { block, ultra, distributed, logic };

// What every stage has.
struct StageBase {
  std::string module;  // "elb_tiny_conv1"
  std::string title;   // one line for the header comment: "conv 3x3, 16 -> 32 channels, ternary weights"
  Link out;
  int fifo_depth = 2;  // output FIFO, in beats
};

// s_axis pixels -> codes. tables: [1] or [c][256] codes; channels of a beat use the table of their channel.
struct InputStage : StageBase {
  std::vector<std::vector<int>> tables;
};

// conv and fc.
//   tiles of a frame in the order (oy, G, channel group, kernel fold); F folds of a tile in the order
//   (channel fold, ky, kx)
struct ComputeStage : StageBase {
  Link in;
  bool flatten = false;  // fc over a map: beats in arrival order, V*L lanes each, are one vector; lanes that
                         // do not exist are zeroed
  bool widen_bipolar = false;  // codes 0, 1 of a bipolar input become 0, 2 of a ternary one (pad code 1)
  int pad_code = 0;            // after widening
  WindowParams window;         // bits after widening
  ComputeParams compute;
  ActivationParams activation;         // p = L of the output link, tiles = beats of a pixel
  std::optional<PresetParams> preset;  // exactly where compute and activation are preset: p = P, tiles()
  int kernels = 1;                     // per channel group (Cout / g)
  int tile_cycles = 1;                 // D = max(F, beats per tile)
  MemoryStyle store = MemoryStyle::block;
  MemoryStyle weight_style = MemoryStyle::block;
  // Weights come from memory: fetched behind reset and kept (`once`), or streamed under sweeps. The stage
  // then has the ports fetch_{valid,address,beats,grant} and fill_{valid,data} of hw/memory_port.hpp.
  std::optional<FetchParams> fetch;
  std::optional<SweepParams> sweep;  // exactly where weights are streamed
  bool ultra_ring = false;           // its reorder ring lies in UltraRAM
  std::string weight_file;           // "conv1_w.mem"; not where fetched
  std::shared_ptr<const MemImage>
      weights;  // depth = tiles * F, in issue order; width = compute.weight_word_bits()

  int kernel_folds() const { return static_cast<int>(ceil_div(kernels, compute.p)); }
  int tiles() const { return window.groups * kernel_folds(); }  // per output group: parameter sets
};

// How the tiles of a stage leave, the serialiser that makes beats of them (where they have several), and the
// cycles from a tile's last tap at the array to the push of its first beat.
TileBeats tile_beats(const ComputeStage& s);
SerializerParams serializer(const ComputeStage& s);
int datapath_latency(const ComputeStage& s);

// Pools and depthwise convolutions: S channels that are not summed together, M pixels, F = Kh Kw taps per
// channel fold.
//   tiles in the order (oy, G, channel fold); folds in the order (ky, kx)
struct LanewiseStage : StageBase {
  Technology technology = Technology::generic;
  Link in;
  LaneOp op = LaneOp::max;
  // max works on codes, padding never wins. sum adds values base + step * code of the input; padded taps add
  // pad_value (0: nothing). multiply: depthwise weights as in ComputeParams, pad_code at padded taps, result
  // T per channel.
  int base = 0, step = 1;
  int pad_value = 0;
  bool widen_bipolar = false;
  int pad_code = 0;
  WindowParams window;  // groups = 1, channels = all
  WeightCode weight = WeightCode::ternary;
  int weight_bits = 0;
  int acc_bits = 1;  // sum, multiply
  bool acc_signed = false;
  std::optional<ActivationParams> activation;  // sum, multiply: p = S, tiles = channel folds
  int tile_cycles = 1;
  MemoryStyle store = MemoryStyle::block;
  MemoryStyle weight_style = MemoryStyle::logic;
  std::string weight_file;
  std::shared_ptr<const MemImage>
      weights;  // multiply: depth = channel folds * Kh Kw, width = S * weight_bits
};

// add (several inputs) and quantize (one): value sum of the operands, then a requantisation. Inputs are
// brought to the output's V and L by converters inside.
struct ElementwiseStage : StageBase {
  struct Operand {
    Link link;
    int base = 0, step = 1;  // value = base + step * code
  };
  std::vector<Operand> in;
  int acc_bits = 1;
  bool acc_signed = true;
  ActivationParams activation;  // p = L, m = V, tiles = channel beats of a pixel
};

// Channels of the first input, then of the second, ...: one pixel (V columns) at a time. out.channels divides
// every input's channel count but the last one's.
struct ConcatStage : StageBase {
  std::vector<Link> in;
};

// Indices of the k largest of a frame's values, largest first, the lower index first among equals. Inputs are
// codes or raw accumulators, V = 1 and 1 x 1 maps, or any map whose frame is read in HWC order (V = 1, L
// divides C).
struct RankStage : StageBase {
  Link in;
  int k = 1;
};

// A network input or output that only changes form: V, L of a link (width conversion of any ratio), or a
// flatten that something else than fc reads (V = 1 or L >= C).
struct ConvertStage : StageBase {
  Link in;
};

using StageSpec = std::variant<InputStage, ComputeStage, LanewiseStage, ElementwiseStage, ConcatStage,
                               RankStage, ConvertStage>;

}  // namespace elb::spec
