#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor average_pool(const Tensor& in, const nn::Window& window, bool count_include_pad) {
  const int outside = count_include_pad ? window.pad_value : 0;
  Tensor acc(window_output(in.shape, window, in.shape.c));
  for (int oy = 0; oy < acc.shape.h; ++oy) {
    for (int ox = 0; ox < acc.shape.w; ++ox) {
      for (int c = 0; c < in.shape.c; ++c) {
        int64_t sum = 0;
        for (int ky = 0; ky < window.kh; ++ky) {
          for (int kx = 0; kx < window.kw; ++kx) {
            const int y = oy * window.sh + ky * window.dh - window.top;
            const int x = ox * window.sw + kx * window.dw - window.left;
            sum += in.inside(y, x) ? in.at(y, x, c) : outside;
          }
        }
        acc.at(oy, ox, c) = stored(sum);
      }
    }
  }
  return acc;
}

}  // namespace elb::golden::ops
