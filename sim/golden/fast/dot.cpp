#include "sim/golden/fast/dot.hpp"

#include "base/assert.hpp"

namespace elb::golden::fast {

namespace {
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
}  // namespace

std::vector<DotKernel> dot_kernels() {
  std::vector<DotKernel> kernels;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vnni")) {
    kernels.push_back({"avx512_vnni", dot_avx512_vnni, false});
  }
  if (__builtin_cpu_supports("avx2")) {
    kernels.push_back({"avx2_narrow", dot_avx2_narrow, true});
    kernels.push_back({"avx2_wide", dot_avx2_wide, false});
  }
#endif
  kernels.push_back({"portable", dot_portable, false});
  return kernels;
}

bool exact_for(const DotKernel& kernel, int max_x, int max_w) {
  return !kernel.narrow || 2 * max_x * max_w <= INT16_MAX;
}

DotKernel choose_dot(int max_x, int max_w) {
  const std::vector<DotKernel> kernels = dot_kernels();
  for (const DotKernel& k : kernels) {
    if (exact_for(k, max_x, max_w)) return k;
  }
  ELB_ASSERT(false, "the portable dot product is always exact");
}

}  // namespace elb::golden::fast
