#include "base/mem_image.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace elb {

uint64_t MemImage::get(int64_t word, int low, int count) const {
  ELB_ASSERT(word >= 0 && word < depth_ && low >= 0 && count > 0 && count <= 64 && low + count <= width_, "out of the image");
  const uint64_t* w = &data_[static_cast<size_t>(word) * stride_ + (low >> 6)];
  const int shift = low & 63;
  uint64_t v = w[0] >> shift;
  if (shift + count > 64) v |= w[1] << (64 - shift);
  return count == 64 ? v : v & ((1ull << count) - 1);
}

void MemImage::set(int64_t word, int low, int count, uint64_t value) {
  ELB_ASSERT(word >= 0 && word < depth_ && low >= 0 && count > 0 && count <= 64 && low + count <= width_, "out of the image");
  const uint64_t mask = count == 64 ? ~0ull : (1ull << count) - 1;
  value &= mask;
  uint64_t* w = &data_[static_cast<size_t>(word) * stride_ + (low >> 6)];
  const int shift = low & 63;
  w[0] = (w[0] & ~(mask << shift)) | (value << shift);
  if (shift + count > 64) w[1] = (w[1] & ~(mask >> (64 - shift))) | (value >> (64 - shift));
}

std::string MemImage::hex() const {
  const int digits = (width_ + 3) / 4;
  std::string out(static_cast<size_t>(depth_) * (digits + 1), '\n');
  char* line = out.data();
  for (int64_t word = 0; word < depth_; ++word, line += digits + 1) {
    const uint64_t* w = &data_[static_cast<size_t>(word) * stride_];
    for (int d = 0; d < digits; ++d) line[digits - 1 - d] = "0123456789abcdef"[(w[d >> 4] >> (4 * (d & 15))) & 15];
  }
  return out;
}

}  // namespace elb
