#include "base/bits.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace elb {

Bits Bits::from_int(int width, int64_t value) {
  Bits b(width);
  for (size_t i = 0; i < b.words_.size(); ++i)
    b.words_[i] = i == 0 ? static_cast<uint64_t>(value) : (value < 0 ? ~0ull : 0);
  if (width % 64 != 0 && !b.words_.empty()) b.words_.back() &= (1ull << (width % 64)) - 1;
  return b;
}

void Bits::set_bit(int i, bool v) {
  const uint64_t mask = 1ull << (i & 63);
  words_[i >> 6] = v ? words_[i >> 6] | mask : words_[i >> 6] & ~mask;
}

uint64_t Bits::get(int low, int count) const {
  ELB_ASSERT(count >= 0 && count <= 64 && low >= 0 && low + count <= width_, "bits out of range");
  if (count == 0) return 0;
  const int word = low >> 6, shift = low & 63;
  uint64_t v = words_[word] >> shift;
  if (shift + count > 64) v |= words_[word + 1] << (64 - shift);
  return count == 64 ? v : v & ((1ull << count) - 1);
}

void Bits::set(int low, int count, uint64_t value) {
  ELB_ASSERT(count >= 0 && count <= 64 && low >= 0 && low + count <= width_, "bits out of range");
  for (int i = 0; i < count; ++i) set_bit(low + i, (value >> i) & 1);
}

int64_t Bits::to_i64() const {
  ELB_ASSERT(width_ >= 1 && width_ <= 64, "to_i64 of a pattern wider than 64 bits");
  const uint64_t v = words_[0];
  if (width_ == 64 || !bit(width_ - 1)) return static_cast<int64_t>(v);
  return static_cast<int64_t>(v | (~0ull << width_));
}

std::string Bits::hex() const {
  const int digits = (width_ + 3) / 4;
  std::string out(digits, '0');
  for (int d = 0; d < digits; ++d) {
    const int low = 4 * d;
    out[digits - 1 - d] = "0123456789abcdef"[get(low, std::min(4, width_ - low))];
  }
  return out;
}

std::string Bits::binary() const {
  std::string out(width_, '0');
  for (int i = 0; i < width_; ++i) out[width_ - 1 - i] = bit(i) ? '1' : '0';
  return out;
}

int bits_for(int64_t max_value) {
  return std::max(1, static_cast<int>(std::bit_width(static_cast<uint64_t>(max_value))));
}

int signed_bits_for(int64_t lo, int64_t hi) {
  int n = 1;
  while (n < 64 && (lo < -(int64_t{1} << (n - 1)) || hi > (int64_t{1} << (n - 1)) - 1)) ++n;
  return n;
}

}  // namespace elb
