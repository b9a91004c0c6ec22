// The machines of a plan joined by its links and branch FIFOs, a cycle at a time. Machines in which nothing
// can happen are left out, and so may be whole cycles.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "arch/fetch_machine.hpp"
#include "arch/machine.hpp"
#include "arch/plan.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

// Some of a pipeline's stages.
class StageSet {
 public:
  explicit StageSet(size_t stages) : words_((stages + kBits - 1) / kBits) {}
  void add(int stage) { words_[word(stage)] |= uint64_t{1} << (static_cast<unsigned>(stage) % kBits); }
  void remove(int stage) { words_[word(stage)] &= ~(uint64_t{1} << (static_cast<unsigned>(stage) % kBits)); }
  bool empty() const {
    for (const uint64_t w : words_) {
      if (w != 0) return false;
    }
    return true;
  }
  void add(const StageSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  // Calls f(stage) with the last one until none is left; f may add stages before it.
  template <class F>
  void drain_from_last(F f) {
    for (size_t i = words_.size(); i-- > 0;) {
      while (words_[i] != 0) {
        const int bit = std::bit_width(words_[i]) - 1;
        words_[i] &= ~(uint64_t{1} << bit);
        f(static_cast<int>(i * kBits) + bit);
      }
    }
  }

 private:
  static constexpr size_t kBits = 64;
  static size_t word(int stage) { return static_cast<size_t>(stage) / kBits; }
  std::vector<uint64_t> words_;
};

class Pipeline {
 public:
  // One input of a stage.
  struct Join {
    bool has_fifo = false;  // its producer has several readers
    TokenFifo fifo = {};
    bool push = false, pop = false;  // in this cycle
    int64_t beats_per_frame = 1;
  };
  struct Node {
    Node() = default;
    Node(const Node& other);  // goes on by itself; not with weights from memory
    std::unique_ptr<Machine> machine;
    std::vector<Join> inputs;
    int64_t beats_per_frame = 1;
  };
  // Places of an input: (stage, input).
  struct Place {
    int stage = 0, input = 0;
  };

  Pipeline(const std::vector<spec::StageSpec>& stages, const Plan& plan, const spec::DramTiming& timing,
           bool unbounded_branches);
  // `offered`: the source has a beat. The sink takes everything.
  void step(int64_t cycle, bool offered);
  // Before this cycle nothing happens as long as the source offers what it did in the last step.
  int64_t next() const { return due_.empty() ? std::min(soonest_, port_.wake()) : cycle_ + 1; }

  // What happened in the last step.
  bool moved() const { return moved_; }
  bool taken() const { return taken_; }                           // the source's beat
  const std::vector<int>& popped() const { return popped_; }      // stages whose output sent a beat
  const std::vector<int>& pushed() const { return pushed_; }      // stages that got a result into their FIFO
  const std::vector<int>& issued() const { return issued_; }      // stages that began a tile or a sum
  const std::vector<Place>& fetched() const { return fetched_; }  // inputs that took a beat of a branch FIFO

  std::vector<Node>& nodes() { return nodes_; }
  const PortMachine& port() const { return port_; }

 private:
  // What the machines see of each other.
  struct Wires {
    std::vector<char> valid, fired;  // per input
    std::vector<int> from;           // per input
    std::vector<Place> readers;
    int direct = 0;         // readers without a branch FIFO
    int taken = 0;          // of these, that take the beat in this cycle
    bool held = false;      // the output has a beat
    bool forks = false;     // a reader is behind a branch FIFO
    bool branched = false;  // an input is behind one
  };
  Join& join(const Place& p) {
    return nodes_[static_cast<size_t>(p.stage)].inputs[static_cast<size_t>(p.input)];
  }
  void set_valid(const Place& to, bool valid);
  void find_awake(int64_t cycle);
  void step_stage(int stage, int64_t cycle);
  void take_inputs(int stage);
  bool leaves(const Wires& w);
  void show_output(int stage, bool popped);
  void clock_branches();
  void clock_port(int64_t cycle);

  std::vector<Node> nodes_;
  std::vector<Wires> wires_;
  StageSet due_;   // in the next cycle
  StageSet turn_;  // in this one
  // Whose output has a beat for branch FIFOs alone, or for the sink: it leaves without a reader's step.
  StageSet open_;
  std::vector<int64_t> wake_;  // of each machine
  int64_t soonest_ = 0;        // of those that are not due
  std::vector<Place> branches_;
  PortMachine port_;
  std::vector<int> fetching_;  // the port's stages
  bool weights_used_ = false;  // by a tile that issues in this cycle
  int64_t cycle_ = -1;         // of the last step
  bool moved_ = false, taken_ = false;
  std::vector<int> popped_, pushed_, issued_;
  std::vector<Place> fetched_;
};

}  // namespace elb::arch
