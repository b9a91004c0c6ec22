// The loop nest of a block of dot products, for an instruction set given as a struct:
// Vec, width (bytes per step), zero(), load_x(), load_w(), step(acc, x, w), sum(acc).
//
// Tiles of 4 pixels x 4 kernels use each loaded vector four times and keep their 16 sums in registers.
#pragma once
#include "sim/golden/fast/block.hpp"

namespace elb::golden::fast {
namespace {

template <class Isa, int pixels, int kernels>
inline void dot_tile(const Block& b, int p0, int n0) {
  typename Isa::Vec acc[pixels][kernels];
#pragma GCC unroll 4
  for (int p = 0; p < pixels; ++p) {
#pragma GCC unroll 4
    for (int n = 0; n < kernels; ++n) acc[p][n] = Isa::zero();
  }
  const uint8_t* x = b.x + std::ptrdiff_t{p0} * b.k_bytes;
  const int8_t* w = b.w + std::ptrdiff_t{n0} * b.k_bytes;
  for (int k = 0; k < b.k_bytes; k += Isa::width) {
    typename Isa::Vec xs[pixels];
#pragma GCC unroll 4
    for (int p = 0; p < pixels; ++p) xs[p] = Isa::load_x(x + std::ptrdiff_t{p} * b.k_bytes + k);
#pragma GCC unroll 4
    for (int n = 0; n < kernels; ++n) {
      const typename Isa::Vec ws = Isa::load_w(w + std::ptrdiff_t{n} * b.k_bytes + k);
#pragma GCC unroll 4
      for (int p = 0; p < pixels; ++p) acc[p][n] = Isa::step(acc[p][n], xs[p], ws);
    }
  }
#pragma GCC unroll 4
  for (int p = 0; p < pixels; ++p) {
#pragma GCC unroll 4
    for (int n = 0; n < kernels; ++n) b.out[(p0 + p) * b.out_stride + n0 + n] = Isa::sum(acc[p][n]);
  }
}

template <class Isa, int kernels>
inline void dot_column(const Block& b, int n) {
  int p = 0;
  for (; p + 4 <= b.pixels; p += 4) dot_tile<Isa, 4, kernels>(b, p, n);
  for (; p < b.pixels; ++p) dot_tile<Isa, 1, kernels>(b, p, n);
}

template <class Isa>
inline void dot_block(const Block& b) {
  int n = 0;
  for (; n + 4 <= b.kernels; n += 4) dot_column<Isa, 4>(b, n);
  for (; n < b.kernels; ++n) dot_column<Isa, 1>(b, n);
}

}  // namespace
}  // namespace elb::golden::fast
