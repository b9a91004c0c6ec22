// A bit pattern of any width: constants of the DSL, words of memories.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace elb {

class Bits {
 public:
  Bits() = default;
  explicit Bits(int width) : width_(width), words_((width + 63) / 64, 0) {}
  static Bits from_int(int width, int64_t value);  // two's complement, truncated to width
  int width() const { return width_; }
  bool bit(int i) const { return (words_[i >> 6] >> (i & 63)) & 1; }
  void set_bit(int i, bool v);
  // The `count` (<= 64) bits from `low` upwards.
  uint64_t get(int low, int count) const;
  void set(int low, int count, uint64_t value);
  uint64_t to_u64() const { return words_.empty() ? 0 : words_[0]; }
  int64_t to_i64() const;  // as two's complement of this width (at most 64)
  std::string hex() const;     // ceil(width/4) lower-case digits, for $readmemh
  std::string binary() const;  // width digits
  bool operator==(const Bits&) const = default;

 private:
  int width_ = 0;
  std::vector<uint64_t> words_;
};

// Bits needed for 0..max_value (at least 1).
int bits_for(int64_t max_value);
// Bits of the narrowest two's complement that holds lo..hi (at least 1).
int signed_bits_for(int64_t lo, int64_t hi);

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }  // a >= 0, b > 0

}  // namespace elb
