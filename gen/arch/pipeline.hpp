// The machines of a plan joined by its links and branch FIFOs, a cycle at a time. Machines in which nothing
// can happen are left out.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "arch/fetch_machine.hpp"
#include "arch/machine.hpp"
#include "arch/plan.hpp"
#include "spec/stage.hpp"

namespace elb::arch {

class Pipeline {
 public:
  // One input of a stage.
  struct Join {
    bool has_fifo = false;  // its producer has several readers
    TokenFifo fifo = {};
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
    std::vector<char> valid, ready, fired;  // per input
    std::vector<Place> readers;
    std::vector<int> from;  // per input
  };
  void settle_outputs();
  void clock_branches();
  void set_valid(const Place& to, bool valid);

  std::vector<Node> nodes_;
  std::vector<Wires> wires_;
  std::vector<int64_t> wake_;        // of each machine
  std::vector<char> stirred_;        // an input's validity has changed
  std::vector<char> held_;           // its output has a beat
  std::vector<char> active_, pops_;  // in this cycle
  std::vector<Place> branches_;
  PortMachine port_;
  bool moved_ = false, taken_ = false;
  std::vector<int> clocked_;  // active or popped
  std::vector<int> popped_, pushed_, issued_;
  std::vector<Place> fetched_;
};

}  // namespace elb::arch
