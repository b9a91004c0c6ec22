#include "arch/buffers.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "arch/activation_params.hpp"
#include "arch/folding.hpp"
#include "arch/stage_specs.hpp"
#include "spec/compute.hpp"
#include "spec/elementwise.hpp"
#include "spec/lane_reduce.hpp"
#include "spec/sum_operands.hpp"

namespace elb::arch {
namespace {

constexpr int kBranchSlack = 8;  // beats in the registers of fork, join and converters
constexpr double kUnreached = -1;

// Frames of input that can be inside a stage: its store, its output FIFO (which has room for all it has in
// flight), and the beats that its writer gathers.
double frames_held(const Stage& s) {
  double frames = double(s.fifo_depth) / double(s.out.beats_per_frame());
  for (const Edge& e : s.inputs)
    frames += double(4 + ceil_div(s.s, e.link.channels)) / double(e.link.beats_per_frame());
  if (s.window) frames += double(s.window->capacity) / double(spec::groups_per_frame(*s.window));
  if (s.weights == Residence::stream)
    frames += double(s.reorder_places) * s.out.channel_beats() / double(s.out.beats_per_frame());
  return frames;
}

struct EdgeRef {
  int to = 0, input = 0;
};

// held[x][i]: the most frames between the fork's edge and input i of stage x, or kUnreached.
using Held = std::vector<std::vector<double>>;

Held held_behind(const Plan& plan, EdgeRef start) {
  Held held;
  for (const Stage& s : plan.stages) held.emplace_back(s.inputs.size(), kUnreached);
  held[start.to][start.input] = 0;
  for (size_t x = start.to; x < plan.stages.size(); ++x) {
    const Stage& stage = plan.stages[x];
    for (size_t i = 0; i < stage.inputs.size(); ++i) {
      const Edge& e = stage.inputs[i];
      if (e.from < start.to) continue;
      const std::vector<double>& before = held[e.from];
      const double most = *std::max_element(before.begin(), before.end());
      if (most == kUnreached) continue;
      const double fifo = double(e.branch_fifo) / double(e.link.beats_per_frame());
      held[x][i] = std::max(held[x][i], most + frames_held(plan.stages[e.from]) + fifo);
    }
  }
  return held;
}

// The most frames that `other` holds back at a stage where it meets `own` at different inputs.
double frames_to_wait(const Held& own, const Held& other) {
  double frames = 0;
  for (size_t x = 0; x < own.size(); ++x) {
    for (size_t i = 0; i < own[x].size(); ++i) {
      for (size_t j = 0; j < own[x].size(); ++j) {
        if (i != j && own[x][i] != kUnreached && other[x][j] != kUnreached)
          frames = std::max(frames, other[x][j]);
      }
    }
  }
  return frames;
}

}  // namespace

int push_latency(const nn::Network& net, const Stage& stage, spec::Technology technology) {
  if (stage.layer < 0) return 0;
  const nn::Layer& layer = net.layers[stage.layer];
  const int tail =
      stage.activation == Activation::none ? 0 : spec::latency(activation_shape(layer, stage, technology));
  if (stage.engine == Engine::elementwise) {
    spec::SumOperandsParams sum;
    sum.operands.resize(stage.inputs.size());
    return spec::kMeet + spec::latency(sum) + tail;
  }
  if (!stage.window) return 0;
  if (stage.engine == Engine::lanewise) {
    const int folds = spec::taps(*stage.window);
    return spec::WindowTiming::kIssueToTap + folds - 1 +
           spec::latency(spec::LaneReduceParams{.folds = folds}) + tail;
  }
  const int serializer = stage.beats_per_tile > 1 ? spec::latency(spec::SerializerParams{}) : 0;
  return spec::WindowTiming::kIssueToTap + spec::folds(*stage.window) - 1 +
         compute_latency(layer, stage, technology) + serializer + tail;
}

int hold_cycles(const Stage& reader, size_t input) {
  const Edge& e = reader.inputs[input];
  if (e.branch_fifo > 0) return 1;
  const auto words = [](int from, int to) {
    return to % from == 0 ? 1 : static_cast<int>(ceil_div(from, to)) + 1;
  };
  switch (reader.engine) {
    case Engine::compute:
    case Engine::lanewise: {
      const spec::WindowParams& w = *reader.window;
      if (w.in_columns != e.link.columns) return words(e.link.lanes(), w.s);  // flattened
      const int narrow = w.groups > 1 ? largest_divisor(w.channels, w.s) : w.s;
      return words(e.link.channels, narrow) * spec::sub_beats(w);
    }
    case Engine::concat:
      return reader.out.channel_beats() + words(e.link.channels, reader.out.channels);
    case Engine::elementwise:
    case Engine::convert:
      return words(e.link.lanes(), reader.out.lanes());
    case Engine::rank:
      return std::max(e.link.lanes(),
                      static_cast<int>(ceil_div(reader.stage_cycles, e.link.beats_per_frame())));
    case Engine::input:
      break;
  }
  return 1;
}

int output_fifo_depth(int beats_per_tile, int tile_cycles, int latency, int hold) {
  int64_t depth = 0;
  for (int j = 0; j < beats_per_tile; ++j) depth += ceil_div(latency + (j + 1) * hold + 1, tile_cycles);
  return static_cast<int>(std::max<int64_t>(2, depth));
}

int window_capacity(const spec::WindowParams& w, int input_columns, int64_t writer_cycles,
                    int64_t cycles_per_frame) {
  const int64_t group_cycles = std::max<int64_t>(1, cycles_per_frame / spec::groups_per_frame(w));
  const int64_t in_flight = ceil_div(kRingLatency, group_cycles);
  if (w.h == 1 && w.w == 1) {
    return static_cast<int>(writer_cycles + kRingLatency <= cycles_per_frame ? 2 : 2 + in_flight);
  }
  const int64_t gi = spec::groups_per_row(w), nb = spec::banks(w);
  const int64_t ke = int64_t{w.kh - 1} * w.dh + 1, ke_w = int64_t{w.kw - 1} * w.dw + 1;
  // At the end of an output row, and at the end of a frame while the next one streams in.
  const int64_t rows = std::max({int64_t{0}, ke - 1 + w.sh - 1, ke - 2 + w.h - int64_t{w.out_h - 1} * w.sh});
  const int64_t ahead = ceil_div(ke_w + 3LL * w.m * w.sw + input_columns, nb) + 1;
  return static_cast<int>(std::max(rows * gi, spec::min_capacity(w)) + ahead + in_flight);
}

void size_branch_fifos(Plan& plan) {
  const int stages = static_cast<int>(plan.stages.size());
  for (int fork = stages - 1; fork >= 0; --fork) {
    std::vector<EdgeRef> edges;
    for (int to = fork + 1; to < stages; ++to) {
      for (size_t i = 0; i < plan.stages[to].inputs.size(); ++i) {
        if (plan.stages[to].inputs[i].from == fork) edges.push_back({.to = to, .input = static_cast<int>(i)});
      }
    }
    if (edges.size() < 2) continue;
    std::vector<Held> held;
    for (const EdgeRef& e : edges) held.push_back(held_behind(plan, e));
    for (size_t own = 0; own < edges.size(); ++own) {
      Edge& edge = plan.stages[edges[own].to].inputs[edges[own].input];
      if (edge.branch_fifo > 0) continue;
      double frames = 0;
      for (size_t other = 0; other < edges.size(); ++other) {
        if (other != own) frames = std::max(frames, frames_to_wait(held[own], held[other]));
      }
      const double beats = std::ceil(frames * double(plan.stages[fork].out.beats_per_frame()));
      edge.branch_fifo = static_cast<int>(beats) + kBranchSlack;
    }
  }
}

}  // namespace elb::arch
