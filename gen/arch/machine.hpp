// The token machines that the model is made of: one per stage, advanced a cycle at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "spec/convert.hpp"
#include "spec/feed.hpp"
#include "spec/repack.hpp"
#include "spec/stage.hpp"
#include "spec/window.hpp"

namespace elb::arch {

class FetchClient;

// A FIFO: a push at t can be popped from t + 1 on, a place freed at t can be filled from t + 1 on.
struct TokenFifo {
  int depth = 2;
  int64_t count = 0;
  int64_t peak = 0;
  int64_t used = 0;  // the smallest depth that would have changed nothing
  bool valid() const { return count > 0; }
  bool ready() const { return count < depth; }
  void clock(bool push, bool pop) {
    if (push && count >= used) used = count + 1;
    count += static_cast<int>(push) - static_cast<int>(pop);
    if (count > peak) peak = count;
  }
};

// Between decide() and clock() lies the moment in which all transfers of a cycle are known. `valid` and
// `fired` have one entry per input. Both may be left out in a cycle before `wake` in which `valid` has not
// changed, and clock() is called alone in such a cycle when a beat is popped.
class Machine {
 public:
  virtual ~Machine() = default;
  // Which inputs would be taken in this cycle. Never looks at anything but registered state and `valid`.
  virtual void decide(int64_t cycle, const std::vector<char>& valid, std::vector<char>& ready) = 0;
  virtual void clock(int64_t cycle, const std::vector<char>& valid, const std::vector<char>& fired,
                     bool popped) = 0;
  const TokenFifo& out() const { return out_; }
  virtual std::string waits() const = 0;  // for a deadlock's report
  // Adds what the cycles left out before `cycle` would have counted.
  virtual void settle(int64_t) {}
  // Cycles in which it waited for input, for weights, for room behind it.
  int64_t starved = 0, weightless = 0, blocked = 0, issued = 0;
  int images = 1;    // of its largest pass over streamed weights
  int64_t wake = 0;  // nothing happens before this cycle on its own
  // The smallest output FIFO and window store that would have changed nothing.
  virtual int64_t queue_used() const { return out_.used; }
  virtual int64_t window_used() const { return 0; }
  // How many cycles the places of the output FIFO are taken by the `beats` of a frame, all together, at
  // least.
  virtual int64_t place_cycles(int64_t beats) const { return 2 * beats; }
  virtual void restart_used() { out_.used = 0; }
  // Of a machine under way: with fewer places than before, of which more may be taken than are left.
  virtual void narrow_queue(int depth) { out_.depth = depth; }
  virtual void narrow_window(int) {}
  // Nothing where weights come from memory.
  virtual std::unique_ptr<Machine> clone() const { return nullptr; }
  // Its side of the memory port, where its weights come from memory.
  virtual FetchClient* fetch() { return nullptr; }

 protected:
  TokenFifo out_;
};

// A link's beats through mask, repacks and column split to a consumer of words: all of it combinational glue
// around a few counters (spec/feed.hpp).
class FeedMachine {
 public:
  FeedMachine() = default;
  explicit FeedMachine(const spec::Feed& feed);
  explicit FeedMachine(const std::vector<spec::ConvertStep>& chain);
  bool valid(bool in_valid) const;    // of a word at the end
  bool ready(bool word_ready) const;  // of a beat at the start
  void clock(bool in_valid, bool word_ready);
  bool moves_inside() const { return chain_.moves_inside(); }

 private:
  spec::ChainTiming chain_;
  int sub_beats_ = 1, sub_ = 0;
};

// The machine of a stage.
std::unique_ptr<Machine> make_machine(const spec::StageSpec& stage);

// Stages around a window store, and all others. Of compute stages, those with sweeps are another machine.
std::unique_ptr<Machine> make_machine(const spec::ComputeStage& stage);
std::unique_ptr<Machine> make_sweep_machine(const spec::ComputeStage& stage);
std::unique_ptr<Machine> make_machine(const spec::LanewiseStage& stage);
std::unique_ptr<Machine> make_machine(const spec::InputStage& stage);
std::unique_ptr<Machine> make_machine(const spec::ElementwiseStage& stage);
std::unique_ptr<Machine> make_machine(const spec::ConcatStage& stage);
std::unique_ptr<Machine> make_machine(const spec::RankStage& stage);
std::unique_ptr<Machine> make_machine(const spec::ConvertStage& stage);

}  // namespace elb::arch
