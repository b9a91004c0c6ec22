// Watches where `last` stands: a counter knows the beats of a frame, `last` is compared with it.
//
//   error    1 from the cycle behind a beat whose `last` is missing or too early, until reset
//   at_last  this beat is the frame's last, by the counter
#pragma once
#include "hdl/module.hpp"

namespace elb::hw {

struct FrameCheck {
  hdl::Sig error;
  hdl::Sig at_last;
};

// `transfer`: a beat passes in this cycle, with this `last`.
FrameCheck check_frame(hdl::Module& m, int64_t beats_per_frame, hdl::Sig transfer, hdl::Sig last);

}  // namespace elb::hw
