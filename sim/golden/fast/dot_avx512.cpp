#include <immintrin.h>

#include "sim/golden/fast/tiles.hpp"

namespace elb::golden::fast {

namespace {
struct Vnni {
  using Vec = __m512i;
  static constexpr int width = 64;
  static Vec zero() { return _mm512_setzero_si512(); }
  static Vec load_x(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static Vec load_w(const int8_t* p) { return _mm512_loadu_si512(p); }
  static Vec step(Vec acc, Vec x, Vec w) { return _mm512_dpbusd_epi32(acc, x, w); }
  // Not _mm512_reduce_add_epi32: g++ 12 warns of an uninitialised value inside its own header.
  static int32_t sum(Vec acc) {
    alignas(64) int32_t lanes[16];
    _mm512_store_si512(lanes, acc);
    int32_t s = 0;
    for (int32_t lane : lanes) s += lane;
    return s;
  }
};
}  // namespace

void dot_avx512_vnni(const Block& b) {
  dot_block<Vnni>(b);
}

}  // namespace elb::golden::fast
