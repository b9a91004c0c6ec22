// The contents of a memory: `depth` words of `width` bits, stored contiguously, so that images of a hundred megabits
// stay cheap.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace elb {

class MemImage {
 public:
  MemImage() = default;
  MemImage(int64_t depth, int width)
      : depth_(depth), width_(width), stride_((width + 63) / 64), data_(static_cast<size_t>(depth) * stride_, 0) {}
  int64_t depth() const { return depth_; }
  int width() const { return width_; }
  // Bits [low, low + count) of a word; count <= 64.
  uint64_t get(int64_t word, int low, int count) const;
  void set(int64_t word, int low, int count, uint64_t value);
  // $readmemh text: one word a line, ceil(width/4) lower-case digits.
  std::string hex() const;

 private:
  int64_t depth_ = 0;
  int width_ = 0;
  int stride_ = 0;
  std::vector<uint64_t> data_;
};

}  // namespace elb
