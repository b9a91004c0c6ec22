// The input stage: pixels through a register slice and the pixel table into the output FIFO.
//
//   cycle        t        t+1      t+2
//   s_axis       beat                        accepted by the slice, a FIFO of kSliceDepth
//   table                 beat               looked up, pushed into the output FIFO when that has room
//   out_valid                      beat
#pragma once
#include "spec/fifo.hpp"

namespace elb::spec {

struct InputTiming {
  static constexpr int kSliceDepth = 2;
  static constexpr int kLatency =
      2;  // from the transfer on s_axis to the first cycle in which the codes can be popped
};

}  // namespace elb::spec
