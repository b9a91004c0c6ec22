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

// `Self`, the machine derived from it, has
//   WaitCount::Cause missing(int64_t cycle) const   what the next tile lacks in this cycle; INT64_MAX: in any
//   void issue(int64_t cycle)
//   bool pushes(int64_t cycle, bool popped)         does a beat enter the output FIFO? Called in every cycle
//                                                   that is not left out
//   int64_t next_push(int64_t cycle) const          before it none enters as long as nothing is popped
//   int64_t next_issue(int64_t cycle) const         before it none issues as long as nothing comes in
template <class Self>
class StoreMachine : public Machine {
 public:
  StoreMachine(std::string name, const spec::Feed& feed, const spec::WindowParams& window, int tile_cycles)
      : name_(std::move(name)), fill_(feed, window), tile_cycles_(tile_cycles) {}

  void step(int64_t cycle, const std::vector<char>& valid, bool popped, std::vector<char>& fired) final {
    Self& self = static_cast<Self&>(*this);
    const bool rested = cycle >= earliest_;
    const WaitCount::Cause cause = rested ? self.missing(cycle) : WaitCount::none;
    waits_.add(cycle, cause);
    const bool issues = rested && cause == WaitCount::none;
    if (issues) {
      ++issued;
      earliest_ = cycle + tile_cycles_;
      self.issue(cycle);
    }
    const int64_t stored = fill_.stored();
    const FeedMachine::Moves moves = fill_.clock(cycle, valid[0] != 0);
    fired[0] = (moves & FeedMachine::kTaken) != 0;
    if (fill_.stored() != stored) stored_from_ = cycle + 1;
    const bool push = self.pushes(cycle, popped);
    out_.clock(push, popped);
    wake = cycle + 1;
    if (issues || moves != 0 || push || popped) return;
    wake = rested ? INT64_MAX : earliest_;
    if (cause == WaitCount::weights) wake = fetch()->tile_from();
    wake = std::min({wake, self.next_push(cycle), fill_.next_release(), self.next_issue(cycle)});
  }

  int64_t window_used() const final { return fill_.used(); }

 protected:
  std::string name_;
  StoreFill fill_;
  int64_t stored_from_ = 0;  // since when the last column group is stored

 private:
  int tile_cycles_;
  int64_t earliest_ = 0;
};

}  // namespace elb::arch
