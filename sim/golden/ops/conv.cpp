#include "sim/golden/ops/ops.hpp"

namespace elb::golden::ops {

Tensor conv(const Tensor& in, std::span<const int8_t> weights, const nn::Window& window, int groups,
            int out_channels) {
  ELB_ASSERT(in.shape.c % groups == 0 && out_channels % groups == 0, "groups do not divide the channels");
  const int group_in = in.shape.c / groups;
  const int group_out = out_channels / groups;
  ELB_ASSERT(weights.size() == static_cast<size_t>(out_channels) * static_cast<size_t>(window.kh) *
                                   static_cast<size_t>(window.kw) * static_cast<size_t>(group_in),
             "a convolution has a wrong number of weights");

  const std::vector<int32_t> border(static_cast<size_t>(group_in), window.pad_value);
  Tensor acc(window_output(in.shape, window, out_channels));
  for (int oy = 0; oy < acc.shape.h; ++oy) {
    for (int ox = 0; ox < acc.shape.w; ++ox) {
      for (int o = 0; o < out_channels; ++o) {
        const int first_channel = o / group_out * group_in;
        size_t w = static_cast<size_t>(o) * static_cast<size_t>(window.kh) * static_cast<size_t>(window.kw) *
                   static_cast<size_t>(group_in);
        int64_t sum = 0;
        for (int ky = 0; ky < window.kh; ++ky) {
          for (int kx = 0; kx < window.kw; ++kx) {
            const int y = oy * window.sh + ky * window.dh - window.top;
            const int x = ox * window.sw + kx * window.dw - window.left;
            const int32_t* taps = in.inside(y, x) ? &in.data[in.index(y, x, first_channel)] : border.data();
            for (size_t i = 0; i < border.size(); ++i, ++w) sum += int64_t{weights[w]} * taps[i];
          }
        }
        acc.at(oy, ox, o) = stored(sum);
      }
    }
  }
  return acc;
}

}  // namespace elb::golden::ops
