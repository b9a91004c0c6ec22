// When a memory answers: what the cycle model, and the memory that simulation puts behind the design, agree
// on.
//
// Bursts are answered in the order of their addresses, one beat per cycle at most, the first beat of a burst
// 1 + latency cycles after its address was taken. Beats share the bandwidth beats / cycles: in every cycle
// the memory earns `beats`, a beat costs `cycles`, and what is earned while nothing is wanted is kept up to
// one beat.
//
//   latency 2, beats 1, cycles 2     cycle    0    1    2    3    4    5    6    7
//                                    address  A
//                                    data                    A0        A1        A2
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>

namespace elb::spec {

struct DramTiming {
  int latency = 0;
  int64_t beats = 1, cycles = 1;  // beats <= cycles
  bool operator==(const DramTiming&) const = default;
};

class DramClock {
 public:
  explicit DramClock(const DramTiming& t = {}) : timing_(t), earned_(t.cycles) {}
  // A burst whose address is taken in `cycle`.
  void request(int64_t cycle, int64_t beats) { bursts_.push_back({cycle + 1 + timing_.latency, beats}); }
  // Call in every cycle, after request(): does a beat come in this cycle? It is taken: the design is always
  // ready. Cycles before next() may be left out.
  bool beat(int64_t cycle) {
    earned_ = std::min(earned_ + timing_.beats * (cycle - cycle_), timing_.cycles + timing_.beats - 1);
    cycle_ = cycle;
    if (bursts_.empty() || bursts_.front().first_cycle > cycle || earned_ < timing_.cycles) return false;
    earned_ -= timing_.cycles;
    last_ = --bursts_.front().left == 0;
    if (last_) bursts_.pop_front();
    return true;
  }
  // Behind beat(cycle): when the next one comes.
  int64_t next() const {
    if (bursts_.empty()) return INT64_MAX;
    const int64_t lacks = std::max(timing_.cycles - earned_, timing_.beats);
    return std::max(bursts_.front().first_cycle, cycle_ + (lacks + timing_.beats - 1) / timing_.beats);
  }
  bool last() const { return last_; }  // was the beat its burst's last?
  bool idle() const { return bursts_.empty(); }

 private:
  struct Burst {
    int64_t first_cycle, left;
  };
  DramTiming timing_;
  int64_t earned_, cycle_ = -1;  // earned: until the end of this cycle
  std::deque<Burst> bursts_;
  bool last_ = false;
};

}  // namespace elb::spec
