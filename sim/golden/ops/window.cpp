#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

nn::Shape window_output(nn::Shape in, const nn::Window& w, int channels) {
  const int span_h = (w.kh - 1) * w.dh + 1;
  const int span_w = (w.kw - 1) * w.dw + 1;
  const int room_h = in.h + w.top + w.bottom - span_h;
  const int room_w = in.w + w.left + w.right - span_w;
  ELB_ASSERT(room_h >= 0 && room_w >= 0, "a window is larger than its padded map");
  return {room_h / w.sh + 1, room_w / w.sw + 1, channels};
}

}  // namespace elb::golden::ops
