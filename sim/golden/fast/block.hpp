// A block of dot products, unsigned bytes with signed bytes: the whole arithmetic of the fast path.
//
//   out[p * out_stride + n] = sum over k of x[p][k] * w[n][k]
//
// Rows are k_bytes long, a multiple of 64; surplus bytes are zero in both. The caller promises sum |x*w| <
// 2^31. This header has plain types only: the sources that include it are compiled for other instruction sets
// than the rest of the program and must not share inline functions with it.
#pragma once
#include <cstddef>
#include <cstdint>

namespace elb::golden::fast {

inline constexpr int row_align = 64;  // bytes

struct Block {
  const uint8_t* x = nullptr;  // rows of k_bytes, back to back
  const int8_t* w = nullptr;
  int pixels = 0;
  int kernels = 0;
  int k_bytes = 0;
  int32_t* out = nullptr;
  std::ptrdiff_t out_stride = 0;  // elements between two pixels
};

void dot_portable(const Block& b);     // a plain loop
void dot_avx512_vnni(const Block& b);  // vpdpbusd: 64 products per instruction into 32-bit sums
void dot_avx2_narrow(const Block& b);  // vpmaddubsw: 2 * max x * max |w| must be at most 32767
void dot_avx2_wide(const Block& b);    // both operands widened to 16 bits, vpmaddwd

}  // namespace elb::golden::fast
