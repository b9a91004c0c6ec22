#include "sim/golden/fast/block.hpp"

namespace elb::golden::fast {

void dot_portable(const Block& b) {
  for (int p = 0; p < b.pixels; ++p) {
    const uint8_t* x = b.x + std::ptrdiff_t{p} * b.k_bytes;
    for (int n = 0; n < b.kernels; ++n) {
      const int8_t* w = b.w + std::ptrdiff_t{n} * b.k_bytes;
      int32_t sum = 0;
      for (int k = 0; k < b.k_bytes; ++k) sum += int32_t{x[k]} * int32_t{w[k]};
      b.out[p * b.out_stride + n] = sum;
    }
  }
}

}  // namespace elb::golden::fast
