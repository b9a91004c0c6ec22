// What the machines of all stages with a window store share: a tile issues when the one before it is
// tile_cycles ago and nothing is missing; beats enter the output FIFO behind a datapath of fixed latency.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "arch/fetch_machine.hpp"
#include "arch/store_fill.hpp"

namespace elb::arch {

class StoreMachine : public Machine {
 public:
  StoreMachine(std::string name, const spec::Feed& feed, const spec::WindowParams& window, int tile_cycles)
      : name_(std::move(name)), fill_(feed, window), tile_cycles_(tile_cycles) {}

  void decide(int64_t cycle, const std::vector<char>&, std::vector<char>& ready) final {
    ready[0] = fill_.ready(cycle);
  }

  void clock(int64_t cycle, const std::vector<char>& valid, const std::vector<char>& fired,
             bool popped) final {
    const bool rested = cycle >= earliest_;
    const WaitCount::Cause cause = rested ? missing(cycle) : WaitCount::none;
    waits_.add(cycle, cause);
    const bool issues = rested && cause == WaitCount::none;
    if (issues) {
      ++issued;
      earliest_ = cycle + tile_cycles_;
      issue(cycle);
    }
    const int64_t stored = fill_.stored();
    const bool moves = fill_.clock(valid[0]);
    if (fill_.stored() != stored) stored_from_ = cycle + 1;
    const bool push = pushes(cycle, popped);
    out_.clock(push, popped);
    wake = cycle + 1;
    if (issues || moves || fired[0] || push || popped) return;
    wake = rested ? INT64_MAX : earliest_;
    if (cause == WaitCount::weights) wake = fetch()->tile_from();
    wake = std::min({wake, next_push(cycle), fill_.next_release(), next_issue(cycle)});
  }

  void settle(int64_t cycle) final {
    waits_.settle(cycle);
    starved = waits_[WaitCount::input];
    weightless = waits_[WaitCount::weights];
    blocked = waits_[WaitCount::room];
  }

  int64_t window_used() const final { return fill_.used(); }

 protected:
  // What the next tile lacks in this cycle; INT64_MAX: in any.
  virtual WaitCount::Cause missing(int64_t cycle) const = 0;
  virtual void issue(int64_t cycle) = 0;
  // Does a beat enter the output FIFO in this cycle? Called in every cycle that is not left out.
  virtual bool pushes(int64_t cycle, bool popped) = 0;
  // Before this cycle none enters as long as nothing is popped.
  virtual int64_t next_push(int64_t cycle) const = 0;
  // Before this cycle none issues as long as nothing comes in.
  virtual int64_t next_issue(int64_t) const { return INT64_MAX; }

  std::string name_;
  StoreFill fill_;
  int64_t stored_from_ = 0;  // since when the last column group is stored

 private:
  WaitCount waits_;
  int tile_cycles_;
  int64_t earliest_ = 0;
};

}  // namespace elb::arch
