#include "sim/golden/fast/dot.hpp"

#include "base/assert.hpp"

namespace elb::golden::fast {

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
