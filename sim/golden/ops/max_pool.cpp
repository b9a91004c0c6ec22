#include <algorithm>

#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor max_pool(const Tensor& in, const nn::Window& window) {
  Tensor out(window_output(in.shape, window, in.shape.c));
  for (int oy = 0; oy < out.shape.h; ++oy) {
    for (int ox = 0; ox < out.shape.w; ++ox) {
      for (int c = 0; c < in.shape.c; ++c) {
        bool any = false;
        int32_t best = 0;
        for (int ky = 0; ky < window.kh; ++ky) {
          for (int kx = 0; kx < window.kw; ++kx) {
            const int y = oy * window.sh + ky * window.dh - window.top;
            const int x = ox * window.sw + kx * window.dw - window.left;
            if (!in.inside(y, x)) continue;
            best = any ? std::max(best, in.at(y, x, c)) : in.at(y, x, c);
            any = true;
          }
        }
        ELB_ASSERT(any, "a max-pool window lies wholly in the padding");
        out.at(oy, ox, c) = best;
      }
    }
  }
  return out;
}

}  // namespace elb::golden::ops
