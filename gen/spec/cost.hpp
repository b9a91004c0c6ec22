// What every engine and every stage takes of an FPGA, from its parameters alone. An engine without a cost()
// does not compile where stages are summed; there is no default.
//
// These are estimates: block RAM by its true shapes, LUTs and flip-flops by structure, with constants taken
// from yosys 0.23 (`synth_xilinx -family xc7 -flatten`). docs/performance.md has the measured error.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/activation.hpp"
#include "spec/columns.hpp"
#include "spec/compute.hpp"
#include "spec/convert.hpp"
#include "spec/feed.hpp"
#include "spec/fetch.hpp"
#include "spec/fifo.hpp"
#include "spec/fork.hpp"
#include "spec/lane_reduce.hpp"
#include "spec/output_queue.hpp"
#include "spec/presets.hpp"
#include "spec/rank.hpp"
#include "spec/reorder_queue.hpp"
#include "spec/repack.hpp"
#include "spec/resources.hpp"
#include "spec/serializer.hpp"
#include "spec/stage.hpp"
#include "spec/sum_operands.hpp"

namespace elb::spec {

// Arithmetic.
Resources cost(const DotParams& p);
Resources cost(const ComputeParams& p);
// Without constants: the most that any constants could take.
Resources cost(const ActivationParams& p);
Resources cost(const PresetParams& p);
Resources cost(const LaneReduceParams& p);
Resources cost(const SumOperandsParams& p);
Resources cost(const RankParams& p);

// Streams.
Resources cost(const FifoParams& p);
Resources cost(const ForkParams& p);
Resources cost(const RepackParams& p);
Resources cost(const SplitColumnsParams& p);
Resources cost(const SerializerParams& p);
Resources cost(const OutputQueueParams& p);
Resources cost(const ReorderQueueParams& p);
Resources cost(const std::vector<ConvertStep>& chain);

// A window store with its writer and reader: what hw/window_store is built from.
struct WindowStoreShape {
  WindowParams window;
  int kernel_folds = 1;
  int tile_cycles = 1;
  int credits = 2;  // depth of the FIFO that it issues for
  std::optional<SweepParams> sweep = {};
  MemoryStyle style = MemoryStyle::block;
};
WindowStoreShape window_store(const ComputeStage& s);
Resources cost(const WindowStoreShape& p);

// A memory of weights that one counter reads. Of `ragged` bits every ragged_of-th word is 0: those of lanes
// behind the last channel in a tile's last fold. Of `absent` bits the last absent_words are: those of kernels
// that the last tile does not have.
struct WeightMemoryShape {
  int width = 1;
  int64_t depth = 1;
  MemoryStyle style = MemoryStyle::block;
  int ragged = 0;
  int64_t ragged_of = 2;
  int absent = 0;
  int64_t absent_words = 0;
};
Resources cost(const WeightMemoryShape& p);

// Weights from memory: the buffer of a stage, the port of all.
struct WeightBufferShape {
  FetchParams fetch;
  MemoryStyle style = MemoryStyle::block;
  Technology technology = Technology::generic;
};
Resources cost(const WeightBufferShape& p);
Resources cost(const MemoryPortParams& p);

// Stages: the sums of their parts. What stands between a link and a store depends on both sides of the link,
// the rest on the stage alone.
Resources feed_cost(const Link& in, bool flatten, const WindowParams& window);
Resources cost_beside_array(const ComputeStage& s);  // behind the feed, what is neither array nor activation
Resources cost_behind_feed(const LanewiseStage& s);
Resources cost(const StageSpec& s);
// By the instance of the stage's module that takes it; "" is what stands in that module itself, feeds and
// converters. Sums to cost(s).
std::map<std::string, Resources> cost_parts(const StageSpec& s);

}  // namespace elb::spec
