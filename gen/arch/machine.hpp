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

// What a stage waits for when it could move by its own clock; counted over the cycles that are left out.
class WaitCount {
 public:
  enum Cause { none, input, weights, room };
  // `cycle` is over, with this cause.
  void add(int64_t cycle, Cause cause) {
    settle(cycle);
    cause_ = cause;
    ++counts_[cause];
    next_ = cycle + 1;
  }
  void settle(int64_t cycle) {
    counts_[cause_] += cycle - next_;
    next_ = cycle;
  }
  int64_t operator[](Cause c) const { return counts_[c]; }

 private:
  Cause cause_ = none;  // of the cycle before next_
  int64_t next_ = 0, counts_[4] = {};
};

class Machine {
 public:
  virtual ~Machine() = default;
  // A cycle. `fired`, an entry per input: which beats of those that are `valid` it takes, known from
  // registered state and `valid` alone. `popped`: the beat at its output leaves. May be left out in a cycle
  // before `wake` in which `valid` has not changed and nothing is popped: nothing would happen.
  virtual void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) = 0;
  const TokenFifo& out() const { return out_; }
  virtual std::string waits() const = 0;  // for a deadlock's report
  // How many cycles before `cycle` it waited for this.
  int64_t waited(int64_t cycle, WaitCount::Cause cause) {
    waits_.settle(cycle);
    return waits_[cause];
  }
  int64_t issued = 0;
  int images = 1;    // of its largest pass over streamed weights
  int64_t wake = 0;  // behind step(): nothing happens before this cycle on its own
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
  // At the end of step() in a machine without a clock of its own: where nothing has moved, nothing will.
  void rest(int64_t cycle, bool moved) { wake = moved ? cycle + 1 : INT64_MAX; }

  TokenFifo out_;
  WaitCount waits_;
};

// A link's beats through mask, repacks and column split to a consumer of words: all of it combinational glue
// around a few counters (spec/feed.hpp).
class FeedMachine {
 public:
  using Moves = spec::ChainTiming::Moves;
  static constexpr Moves kTaken = spec::ChainTiming::kTaken, kSent = spec::ChainTiming::kSent;
  FeedMachine() = default;
  explicit FeedMachine(const spec::Feed& feed);
  explicit FeedMachine(const std::vector<spec::ConvertStep>& chain);
  bool valid(bool in_valid) const { return chain_.valid(in_valid); }  // of a word at the end
  // A beat is taken at the start, a word is sent at the end.
  Moves clock(bool in_valid, bool word_ready) {
    const bool last = sub_ == sub_beats_ - 1;
    if (sub_beats_ == 1) return chain_.clock(in_valid, word_ready);
    const bool sent = chain_.valid(in_valid) && word_ready;
    const Moves moves = chain_.clock(in_valid, word_ready && last);
    if (!sent) return moves;
    sub_ = last ? 0 : sub_ + 1;
    return moves | kSent;
  }

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
