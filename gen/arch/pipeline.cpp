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
      due_(stages.size()),
      turn_(stages.size()),
      open_(stages.size()),
      wake_(stages.size(), 0),
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
      Wires& from = wires_[static_cast<size_t>(e.from)];
      ELB_ASSERT(e.from < place.stage, "a stage stands behind those that it reads");
      wires_[i].from.push_back(e.from);
      from.readers.push_back(place);
      if (e.branch_fifo > 0) {
        branches_.push_back(place);
        from.forks = wires_[i].branched = true;
      } else {
        ++from.direct;
      }
    }
    const size_t inputs = std::max<size_t>(1, n.inputs.size());
    wires_[i].valid.assign(inputs, 0);
    wires_[i].fired.assign(inputs, 0);
    if (FetchClient* fetch = n.machine->fetch()) {
      ELB_ASSERT(plan.memory, "weights come from a memory");
      port_.add(fetch);
      fetching_.push_back(static_cast<int>(i));
    }
  }
}

Pipeline::Node::Node(const Node& other)
    : machine(other.machine->clone()), inputs(other.inputs), beats_per_frame(other.beats_per_frame) {
  ELB_ASSERT(machine, "a pipeline with weights from memory has no copy");
}

inline void Pipeline::set_valid(const Place& to, bool valid) {
  char& wire = wires_[static_cast<size_t>(to.stage)].valid[static_cast<size_t>(to.input)];
  if ((wire != 0) == valid) return;
  wire = valid;
  due_.add(to.stage);
}

void Pipeline::step(int64_t cycle, bool offered) {
  popped_.clear();
  pushed_.clear();
  issued_.clear();
  fetched_.clear();
  taken_ = weights_used_ = false;
  cycle_ = cycle;
  set_valid({.stage = 0, .input = 0}, offered);
  if (cycle >= soonest_) find_awake(cycle);
  std::swap(turn_, due_);
  turn_.add(open_);
  // Readers first: what they take is known from registers, and says what leaves the stages before them.
  turn_.drain_from_last([&](int stage) { step_stage(stage, cycle); });
  moved_ = taken_ || !popped_.empty() || !issued_.empty();
  if (!branches_.empty()) clock_branches();
  if (!fetching_.empty() && (weights_used_ || cycle >= port_.wake())) clock_port(cycle);
}

void Pipeline::find_awake(int64_t cycle) {
  soonest_ = INT64_MAX;
  for (size_t i = 0; i < wake_.size(); ++i) {
    if (wake_[i] <= cycle)
      due_.add(static_cast<int>(i));
    else
      soonest_ = std::min(soonest_, wake_[i]);
  }
}

inline void Pipeline::step_stage(int stage, int64_t cycle) {
  const size_t i = static_cast<size_t>(stage);
  Wires& w = wires_[i];
  Machine& m = *nodes_[i].machine;
  const bool popped = w.held && leaves(w);
  w.taken = 0;
  const int64_t issued = m.issued, count = m.out().count;
  m.step(cycle, w.valid, popped, w.fired);
  wake_[i] = m.wake;
  if (m.wake > cycle + 1)
    soonest_ = std::min(soonest_, m.wake);
  else
    due_.add(stage);
  if (m.issued != issued) {
    issued_.push_back(stage);
    weights_used_ |= m.fetch() != nullptr;
  }
  if (m.out().count - count + popped > 0) pushed_.push_back(stage);
  take_inputs(stage);
  show_output(stage, popped);
}

inline void Pipeline::take_inputs(int stage) {
  const Wires& w = wires_[static_cast<size_t>(stage)];
  if (stage == 0) taken_ = w.fired[0] != 0;
  for (size_t k = 0; k < w.from.size(); ++k) {
    if (!w.fired[k]) continue;
    if (w.branched) {
      Join& j = nodes_[static_cast<size_t>(stage)].inputs[k];
      j.pop = j.has_fifo;
      if (j.has_fifo) continue;
    }
    ++wires_[static_cast<size_t>(w.from[k])].taken;
    turn_.add(w.from[k]);
  }
}

// Does an output leave: to its one reader, into all branch FIFOs, or to the sink?
inline bool Pipeline::leaves(const Wires& w) {
  if (w.taken < w.direct) return false;
  return !w.forks || std::all_of(w.readers.begin(), w.readers.end(), [&](const Place& r) {
    const Join& j = join(r);
    return !j.has_fifo || j.fifo.ready();
  });
}

inline void Pipeline::show_output(int stage, bool popped) {
  Wires& w = wires_[static_cast<size_t>(stage)];
  if (popped) {
    popped_.push_back(stage);
    if (w.forks) {
      for (const Place& r : w.readers) join(r).push = join(r).has_fifo;
    }
  }
  const bool holds = nodes_[static_cast<size_t>(stage)].machine->out().valid();
  if (holds == w.held) return;
  w.held = holds;
  if (w.direct == 0) holds ? open_.add(stage) : open_.remove(stage);
  for (const Place& r : w.readers) {
    if (!w.forks || !join(r).has_fifo) set_valid(r, holds);
  }
}

void Pipeline::clock_branches() {
  for (const Place& b : branches_) {
    Join& j = join(b);
    if (!j.push && !j.pop) continue;
    j.fifo.clock(j.push, j.pop);
    if (j.pop) {
      fetched_.push_back(b);
      moved_ = true;
    }
    j.push = j.pop = false;
    set_valid(b, j.fifo.valid());
  }
}

void Pipeline::clock_port(int64_t cycle) {
  moved_ |= port_.clock(cycle);
  const std::optional<size_t> completed = port_.completed();
  if (!completed) return;
  const int64_t ready = cycle + spec::FetchTiming::kBeatToIssue;
  int64_t& wake = wake_[static_cast<size_t>(fetching_[*completed])];
  wake = std::min(wake, ready);
  soonest_ = std::min(soonest_, ready);
}

}  // namespace elb::arch
