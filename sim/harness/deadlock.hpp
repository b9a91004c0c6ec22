// Who waits for whom when a design has stopped.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "sim/harness/stream_check.hpp"

namespace elb::harness {

struct DeadlockMoment {
  int64_t cycle = 0, silent = 0;            // now, and how long without an output beat
  int64_t input_frame = 0, input_beat = 0;  // that the source stands at
  bool input_waits = false;                 // it offers a beat that nobody takes
};

// "deadlock at cycle 5210: no output beat for 3100 cycles; stage 'conv2' holds all up: it takes neither ...":
// one sentence that names the stages that wait and the beats that they wait for.
std::string describe_deadlock(const nn::Network& network, const std::vector<const StreamCheck*>& boundaries,
                              const StreamCheck& output, const DeadlockMoment& moment);

}  // namespace elb::harness
