#include "base/sha256.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace elb {
namespace {

// The first 32 bits of the fractional part of x (FIPS 180-4, 4.2.2 and 5.3.3 define the constants this way).
uint32_t fraction_bits(long double x) {
  return static_cast<uint32_t>((x - std::floor(x)) * 4294967296.0L);
}

struct Constants {
  std::array<uint32_t, 64> k;
  std::array<uint32_t, 8> h;
};

Constants make_constants() {
  Constants c;
  int found = 0;
  for (int n = 2; found < 64; ++n) {
    bool prime = true;
    for (int d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (!prime) continue;
    c.k[found] = fraction_bits(std::cbrt(static_cast<long double>(n)));
    if (found < 8) c.h[found] = fraction_bits(std::sqrt(static_cast<long double>(n)));
    ++found;
  }
  return c;
}

}  // namespace

std::string sha256_hex(const std::string& bytes) {
  static const Constants constants = make_constants();
  std::array<uint32_t, 8> h = constants.h;
  std::string m = bytes;
  m += '\x80';
  while (m.size() % 64 != 56) m += '\0';
  for (int i = 7; i >= 0; --i) m += static_cast<char>((static_cast<uint64_t>(bytes.size()) * 8) >> (8 * i));
  for (size_t block = 0; block < m.size(); block += 64) {
    std::array<uint32_t, 64> w;
    for (int t = 0; t < 16; ++t) {
      w[t] = 0;
      for (int b = 0; b < 4; ++b) w[t] = (w[t] << 8) | static_cast<uint8_t>(m[block + 4 * t + b]);
    }
    for (int t = 16; t < 64; ++t) {
      const uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
      const uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    std::array<uint32_t, 8> v = h;
    for (int t = 0; t < 64; ++t) {
      const uint32_t s1 = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
      const uint32_t t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constants.k[t] + w[t];
      const uint32_t s0 = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
      const uint32_t t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
      v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
    }
    for (int i = 0; i < 8; ++i) h[i] += v[i];
  }
  std::string out;
  for (uint32_t x : h) out += fmt::format("{:08x}", x);
  return out;
}

}  // namespace elb
