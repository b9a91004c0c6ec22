#include <immintrin.h>

#include "sim/golden/fast/tiles.hpp"

namespace elb::golden::fast {

namespace {

struct Sums {
  using Vec = __m256i;
  static Vec zero() { return _mm256_setzero_si256(); }
  static int32_t sum(Vec a) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
    return _mm_cvtsi128_si32(s);
  }
};

struct Narrow : Sums {
  static constexpr int width = 32;
  static Vec load_x(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static Vec load_w(const int8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static Vec step(Vec acc, Vec x, Vec w) {
    const Vec pairs = _mm256_maddubs_epi16(x, w);
    return _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }
};

struct Wide : Sums {
  static constexpr int width = 16;
  static Vec load_x(const uint8_t* p) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static Vec load_w(const int8_t* p) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static Vec step(Vec acc, Vec x, Vec w) { return _mm256_add_epi32(acc, _mm256_madd_epi16(x, w)); }
};

}  // namespace

void dot_avx2_narrow(const Block& b) {
  dot_block<Narrow>(b);
}
void dot_avx2_wide(const Block& b) {
  dot_block<Wide>(b);
}

}  // namespace elb::golden::fast
