#include "arch/model.hpp"

#include <algorithm>

#include "arch/machine.hpp"
#include "base/assert.hpp"

namespace elb::arch {
namespace {

constexpr int64_t kUnbounded = INT32_MAX;

// One input of a stage, as the composed pipeline sees it.
struct Join {
  int from = 0;
  bool has_fifo = false;  // its producer has several readers
  TokenFifo fifo;
};

struct Node {
  std::unique_ptr<Machine> machine;
  std::vector<Join> inputs;
  std::vector<std::pair<int, int>> readers;  // (stage, input)
  std::vector<char> valid, ready, fired;
  int64_t beats_per_frame = 1;
  int64_t sent = 0;
  bool popped = false;
};

// Which beat of which frame a transfer is.
void record(FrameTimes& times, int64_t& count, int64_t beats, int64_t cycle) {
  if (count % beats == 0) times.first.push_back(cycle);
  if (count % beats == beats - 1) times.last.push_back(cycle);
  ++count;
}

std::vector<Node> make_nodes(const std::vector<spec::StageSpec>& stages, const Plan& plan, bool unbounded) {
  ELB_ASSERT(stages.size() == plan.stages.size(), "one spec per stage");
  std::vector<Node> nodes(stages.size());
  for (size_t i = 0; i < stages.size(); ++i) {
    Node& n = nodes[i];
    n.machine = make_machine(stages[i]);
    n.beats_per_frame = plan.stages[i].out.beats_per_frame();
    for (size_t k = 0; k < plan.stages[i].inputs.size(); ++k) {
      const Edge& e = plan.stages[i].inputs[k];
      n.inputs.push_back({.from = e.from, .has_fifo = e.branch_fifo > 0, .fifo = {}});
      n.inputs.back().fifo.depth = unbounded ? kUnbounded : e.branch_fifo;
      nodes[e.from].readers.emplace_back(static_cast<int>(i), static_cast<int>(k));
    }
    const size_t inputs = std::max<size_t>(1, n.inputs.size());
    n.valid.assign(inputs, 0);
    n.ready.assign(inputs, 0);
    n.fired.assign(inputs, 0);
  }
  return nodes;
}

std::string wait_chain(const std::vector<Node>& nodes) {
  std::string text;
  for (const Node& n : nodes) {
    const std::string w = n.machine->waits();
    if (!w.empty()) text += (text.empty() ? "" : "; ") + w;
  }
  return text;
}

}  // namespace

ModelResult run_model(const std::vector<spec::StageSpec>& stages, const Plan& plan,
                      const ModelOptions& options) {
  std::vector<Node> nodes = make_nodes(stages, plan, options.unbounded_branches);
  ModelResult result;
  result.stages.resize(nodes.size());
  const int output = static_cast<int>(nodes.size()) - 1;
  int64_t taken = 0, last_move = 0;
  int64_t longest = plan.cycles_per_frame;
  for (const Stage& s : plan.stages) longest += s.cycles();
  const int64_t frame_beats = nodes[0].beats_per_frame, source_beats = frame_beats * options.frames;

  for (int64_t cycle = 0; static_cast<int>(result.stages[output].out.last.size()) < options.frames; ++cycle) {
    // What every reader offers and takes, from registered state alone.
    for (size_t i = 0; i < nodes.size(); ++i) {
      Node& n = nodes[i];
      if (i == 0) n.valid[0] = taken < source_beats;
      for (size_t k = 0; k < n.inputs.size(); ++k) {
        const Join& j = n.inputs[k];
        n.valid[k] = j.has_fifo ? j.fifo.valid() : nodes[j.from].machine->out().valid();
      }
      n.machine->decide(cycle, n.valid, n.ready);
      for (size_t k = 0; k < n.valid.size(); ++k) n.fired[k] = n.valid[k] && n.ready[k];
    }
    // Which outputs leave: to their one reader, into all branch FIFOs, or to the sink.
    bool moved = false;
    for (size_t i = 0; i < nodes.size(); ++i) {
      Node& n = nodes[i];
      n.popped = n.machine->out().valid();
      for (const auto& [to, input] : n.readers) {
        const Join& j = nodes[to].inputs[input];
        n.popped = n.popped && (j.has_fifo ? j.fifo.ready() : nodes[to].fired[input] != 0);
      }
      moved = moved || n.popped;
    }
    if (nodes[0].fired[0]) {
      record(result.in, taken, frame_beats, cycle);
      moved = true;
    }
    for (size_t i = 0; i < nodes.size(); ++i) {
      Node& n = nodes[i];
      const int64_t issued = n.machine->issued;
      n.machine->clock(cycle, n.valid, n.fired, n.popped);
      moved = moved || n.machine->issued != issued;
      if (n.popped) record(result.stages[i].out, n.sent, n.beats_per_frame, cycle);
      for (size_t k = 0; k < n.inputs.size(); ++k) {
        Join& j = n.inputs[k];
        if (j.has_fifo) j.fifo.clock(nodes[j.from].popped, n.fired[k]);
        moved = moved || n.fired[k];
      }
    }
    if (moved) last_move = cycle;
    if (cycle - last_move > longest + 1000) {
      result.deadlock = wait_chain(nodes);
      break;
    }
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    StageActivity& a = result.stages[i];
    a.queue_peak = static_cast<int>(nodes[i].machine->out().peak);
    a.starved = nodes[i].machine->starved;
    a.blocked = nodes[i].machine->blocked;
    for (const Join& j : nodes[i].inputs) a.branch_peak.push_back(static_cast<int>(j.fifo.peak));
  }
  const FrameTimes& out = result.stages[output].out;
  if (!out.first.empty() && !result.in.first.empty())
    result.latency_cycles = out.first[0] - result.in.first[0];
  if (out.last.size() >= 2) result.cycles_per_frame = out.last.back() - out.last[out.last.size() - 2];
  return result;
}

}  // namespace elb::arch
