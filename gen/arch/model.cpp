#include "arch/model.hpp"

#include <algorithm>

#include "arch/fetch_machine.hpp"
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
  int64_t beats_per_frame = 1, taken = 0;
};

struct Node {
  std::unique_ptr<Machine> machine;
  std::vector<Join> inputs;
  std::vector<std::pair<int, int>> readers;  // (stage, input)
  std::vector<char> valid, ready, fired;
  int64_t beats_per_frame = 1;
  int64_t sent = 0, pushed = 0;
  bool popped = false, awake = true;
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
      n.inputs.push_back({.from = e.from,
                          .has_fifo = e.branch_fifo > 0,
                          .fifo = {},
                          .beats_per_frame = e.link.beats_per_frame()});
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

// Do all beats of a frame pass one pace after those of the frame before?
class Steadiness {
 public:
  Steadiness(const std::vector<Node>& nodes, int64_t pace, int frames)
      : pace_(pace), sums_(frames, 0), seen_(frames, 0) {
    for (const Node& n : nodes) {
      events_ += 2 * n.beats_per_frame;  // into its output FIFO and out of it
      for (const Join& j : n.inputs) events_ += j.has_fifo ? j.beats_per_frame : 0;
    }
  }
  void add(int64_t& count, int64_t beats_per_frame, int64_t cycle) {
    const size_t frame = static_cast<size_t>(count++ / beats_per_frame);
    if (frame >= sums_.size()) return;
    sums_[frame] += cycle;
    ++seen_[frame];
    for (; full_ < seen_.size() && seen_[full_] == events_; ++full_) {
      if (full_ > 0) behind_.push_back(sums_[full_] - sums_[full_ - 1] - events_ * pace_);
    }
  }
  bool kept() const { return !behind_.empty() && behind_.back() == 0; }
  bool lost() const {
    const size_t n = behind_.size();
    return n >= 3 && behind_[n - 1] == behind_[n - 2] && behind_[n - 2] == behind_[n - 3];
  }

 private:
  int64_t pace_, events_ = 0;
  std::vector<int64_t> sums_, seen_;  // of cycles, of events, by frame
  std::vector<int64_t> behind_;       // the pace, summed over all events, from one frame to the next
  size_t full_ = 0;
};

PortMachine make_port(const std::vector<Node>& nodes, const Plan& plan, const ModelOptions& options) {
  std::vector<PortMachine::Client> clients;
  for (const Node& n : nodes) {
    if (FetchClient* fetch = n.machine->fetch())
      clients.push_back({.fetch = fetch, .wake = &n.machine->wake});
  }
  ELB_ASSERT(clients.empty() || plan.memory, "weights come from a memory");
  const MemoryPort memory = plan.memory.value_or(MemoryPort{});
  return {memory.outstanding, options.timing.value_or(memory.timing), std::move(clients)};
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
  PortMachine port = make_port(nodes, plan, options);
  ModelResult result;
  result.stages.resize(nodes.size());
  const int output = static_cast<int>(nodes.size()) - 1, images = images_per_pass(plan);
  int64_t taken = 0, last_move = 0, end = 0;
  int64_t longest = plan.cycles_per_frame;
  for (const Stage& s : plan.stages) longest += s.cycles();
  longest += port.longest_wait();
  const int64_t frame_beats = nodes[0].beats_per_frame, source_beats = frame_beats * options.frames;

  Steadiness steadiness(nodes, options.pace, options.pace > 0 ? options.frames : 0);

  for (int64_t cycle = 0; static_cast<int>(result.stages[output].out.last.size()) < options.frames; ++cycle) {
    // What every reader offers and takes, from registered state alone.
    for (size_t i = 0; i < nodes.size(); ++i) {
      Node& n = nodes[i];
      n.awake = cycle >= n.machine->wake;
      const auto offer = [&](size_t input, bool valid) {
        n.awake = n.awake || valid != (n.valid[input] != 0);
        n.valid[input] = valid;
      };
      if (i == 0)
        offer(0, taken < source_beats && (options.pace == 0 || cycle * frame_beats >= taken * options.pace));
      for (size_t k = 0; k < n.inputs.size(); ++k) {
        const Join& j = n.inputs[k];
        offer(k, j.has_fifo ? j.fifo.valid() : nodes[j.from].machine->out().valid());
      }
      if (!n.awake) continue;
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
      if (!n.awake && !n.popped) {
        for (Join& j : n.inputs) {
          if (j.has_fifo) j.fifo.clock(nodes[j.from].popped, false);
        }
        continue;
      }
      const int64_t issued = n.machine->issued, held = n.machine->out().count;
      n.machine->clock(cycle, n.valid, n.fired, n.popped);
      moved = moved || n.machine->issued != issued;
      if (options.pace > 0) {
        int64_t sent = n.sent;
        if (n.popped) steadiness.add(sent, n.beats_per_frame, cycle);
        if (n.machine->out().count - held + (n.popped ? 1 : 0) > 0)
          steadiness.add(n.pushed, n.beats_per_frame, cycle);
        for (size_t k = 0; k < n.inputs.size(); ++k) {
          Join& j = n.inputs[k];
          if (j.has_fifo && n.fired[k]) steadiness.add(j.taken, j.beats_per_frame, cycle);
        }
      }
      if (n.popped) record(result.stages[i].out, n.sent, n.beats_per_frame, cycle);
      for (size_t k = 0; k < n.inputs.size(); ++k) {
        Join& j = n.inputs[k];
        if (j.has_fifo) j.fifo.clock(nodes[j.from].popped, n.fired[k]);
        moved = moved || n.fired[k];
      }
    }
    if (port.clock(cycle)) moved = true;
    end = cycle + 1;
    if (const std::vector<int64_t>& ends = result.stages[output].out.last;
        ends.size() > result.memory_beats.size()) {
      result.memory_beats.push_back(port.beats_read());
      if (options.until_steady) result.cycles_per_frame = spec::steady_rate(ends, images);
      if (result.cycles_per_frame) break;
    }
    if (options.pace > 0 && (steadiness.kept() || steadiness.lost())) break;
    if (moved) last_move = cycle;
    if (cycle - last_move > longest + 1000) {
      result.deadlock = wait_chain(nodes);
      break;
    }
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    StageActivity& a = result.stages[i];
    nodes[i].machine->settle(end);
    a.queue_peak = static_cast<int>(nodes[i].machine->out().peak);
    a.queue_used = static_cast<int>(nodes[i].machine->queue_used());
    a.window_used = static_cast<int>(nodes[i].machine->window_used());
    a.starved = nodes[i].machine->starved;
    a.weightless = nodes[i].machine->weightless;
    a.blocked = nodes[i].machine->blocked;
    if (const FetchClient* fetch = nodes[i].machine->fetch()) a.weight_beats = fetch->beats_read();
    for (const Join& j : nodes[i].inputs) {
      a.branch_peak.push_back(static_cast<int>(j.fifo.peak));
      a.branch_used.push_back(static_cast<int>(j.fifo.used));
    }
  }
  result.cycles = end;
  result.steady = options.pace > 0 ? steadiness.kept() : result.cycles_per_frame.has_value();
  const FrameTimes& out = result.stages[output].out;
  if (!out.first.empty() && !result.in.first.empty())
    result.latency_cycles = out.first[0] - result.in.first[0];
  if (!result.steady || options.pace > 0) result.cycles_per_frame = spec::rate(out.last, images);
  return result;
}

std::optional<double> memory_bytes_per_cycle(const ModelResult& run, const Plan& plan) {
  const std::vector<int64_t>& last = run.stages.back().out.last;
  if (!plan.memory || last.size() < 2) return {};
  const size_t end = last.size() - 1, half = end / 2;
  const auto bytes =
      static_cast<double>((run.memory_beats[end] - run.memory_beats[half]) * (plan.memory->data_bits / 8));
  return bytes / static_cast<double>(last[end] - last[half]);
}

}  // namespace elb::arch
