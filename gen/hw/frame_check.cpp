#include "hw/frame_check.hpp"

#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

FrameCheck check_frame(Module& m, int64_t beats_per_frame, Sig transfer, Sig last) {
  const LoopCounter beat = counter_with_last(m, "frame_beat", beats_per_frame);
  beat.advance(m, transfer);
  const Sig at_last = beat.last.sig(m);
  const Reg error = m.reg("frame_error_q", u(1));
  m.when(transfer & (last != at_last), [&] { error.next(1); });
  return {error, at_last};
}

}  // namespace elb::hw
