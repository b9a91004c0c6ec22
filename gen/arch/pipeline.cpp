#include "arch/pipeline.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace elb::arch {
namespace {

constexpr int kUnbounded = INT32_MAX;

int outstanding(const Plan& plan) {
  return plan.memory.value_or(MemoryPort{}).outstanding;
}

}  // namespace

Pipeline::Pipeline(const std::vector<spec::StageSpec>& stages, const Plan& plan,
                   const spec::DramTiming& timing, bool unbounded_branches)
    : nodes_(stages.size()),
      wires_(stages.size()),
      wake_(stages.size(), 0),
      stirred_(stages.size(), 0),
      held_(stages.size(), 0),
      active_(stages.size(), 0),
      pops_(stages.size(), 0),
      port_(outstanding(plan), timing) {
  ELB_ASSERT(stages.size() == plan.stages.size(), "one spec per stage");
  for (size_t i = 0; i < stages.size(); ++i) {
    Node& n = nodes_[i];
    n.machine = make_machine(stages[i]);
    n.beats_per_frame = plan.stages[i].out.beats_per_frame();
    for (size_t k = 0; k < plan.stages[i].inputs.size(); ++k) {
      const Edge& e = plan.stages[i].inputs[k];
      const Place place{.stage = static_cast<int>(i), .input = static_cast<int>(k)};
      n.inputs.push_back({.has_fifo = e.branch_fifo > 0, .beats_per_frame = e.link.beats_per_frame()});
      n.inputs.back().fifo.depth = unbounded_branches ? kUnbounded : e.branch_fifo;
      wires_[i].from.push_back(e.from);
      wires_[static_cast<size_t>(e.from)].readers.push_back(place);
      if (e.branch_fifo > 0) branches_.push_back(place);
    }
    const size_t inputs = std::max<size_t>(1, n.inputs.size());
    wires_[i].valid.assign(inputs, 0);
    wires_[i].ready.assign(inputs, 0);
    wires_[i].fired.assign(inputs, 0);
    if (FetchClient* fetch = n.machine->fetch()) {
      ELB_ASSERT(plan.memory, "weights come from a memory");
      port_.add({.fetch = fetch, .wake = &wake_[i]});
    }
  }
}

Pipeline::Node::Node(const Node& other)
    : machine(other.machine->clone()), inputs(other.inputs), beats_per_frame(other.beats_per_frame) {
  ELB_ASSERT(machine, "a pipeline with weights from memory has no copy");
}

void Pipeline::set_valid(const Place& to, bool valid) {
  char& wire = wires_[static_cast<size_t>(to.stage)].valid[static_cast<size_t>(to.input)];
  if ((wire != 0) == valid) return;
  wire = valid;
  stirred_[static_cast<size_t>(to.stage)] = 1;
}

// Which outputs leave: to their one reader, into all branch FIFOs, or to the sink.
void Pipeline::settle_outputs() {
  for (const int i : popped_) pops_[i] = 0;
  popped_.clear();
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!held_[i]) continue;
    bool pops = true;
    for (const Place& r : wires_[i].readers) {
      const Join& j = nodes_[r.stage].inputs[r.input];
      pops = pops && (j.has_fifo ? j.fifo.ready() : wires_[r.stage].fired[r.input] != 0);
    }
    if (!pops) continue;
    pops_[i] = 1;
    popped_.push_back(static_cast<int>(i));
    if (!active_[i]) clocked_.push_back(static_cast<int>(i));
  }
}

void Pipeline::step(int64_t cycle, bool offered) {
  clocked_.clear();
  pushed_.clear();
  issued_.clear();
  fetched_.clear();
  set_valid({.stage = 0, .input = 0}, offered);
  // What every reader takes, from registered state alone.
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (wake_[i] > cycle && !stirred_[i]) continue;
    active_[i] = 1;
    stirred_[i] = 0;
    clocked_.push_back(static_cast<int>(i));
    Wires& w = wires_[i];
    nodes_[i].machine->decide(cycle, w.valid, w.ready);
    for (size_t k = 0; k < w.valid.size(); ++k) w.fired[k] = w.valid[k] && w.ready[k];
  }
  settle_outputs();
  taken_ = wires_[0].fired[0] != 0;
  moved_ = taken_ || !popped_.empty();
  for (const int i : clocked_) {
    Machine& m = *nodes_[i].machine;
    const Wires& w = wires_[i];
    const int64_t issued = m.issued, count = m.out().count;
    m.clock(cycle, w.valid, w.fired, pops_[i] != 0);
    wake_[i] = m.wake;
    if (m.issued != issued) issued_.push_back(i);
    if (m.out().count - count + pops_[i] > 0) pushed_.push_back(i);
  }
  moved_ = moved_ || !issued_.empty();
  clock_branches();
  for (const int i : clocked_) {
    active_[i] = 0;
    for (char& fired : wires_[i].fired) fired = 0;
    const bool holds = nodes_[i].machine->out().valid();
    if (holds == (held_[i] != 0)) continue;
    held_[i] = holds;
    for (const Place& r : wires_[i].readers) {
      if (!nodes_[r.stage].inputs[r.input].has_fifo) set_valid(r, holds);
    }
  }
  if (port_.clock(cycle)) moved_ = true;
}

void Pipeline::clock_branches() {
  for (const Place& b : branches_) {
    const Wires& w = wires_[static_cast<size_t>(b.stage)];
    const size_t k = static_cast<size_t>(b.input);
    const bool push = pops_[static_cast<size_t>(w.from[k])] != 0, pop = w.fired[k] != 0;
    if (!push && !pop) continue;
    TokenFifo& fifo = nodes_[static_cast<size_t>(b.stage)].inputs[k].fifo;
    fifo.clock(push, pop);
    if (pop) {
      fetched_.push_back(b);
      moved_ = true;
    }
    set_valid(b, fifo.valid());
  }
}

}  // namespace elb::arch
