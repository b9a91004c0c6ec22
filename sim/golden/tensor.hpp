// A feature map of plain integers, [h][w][c], contiguous.
//
// The integers are values (a bipolar activation holds -1 and +1), never wire codes; codes_of() gives those.
#pragma once
#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "nn/network.hpp"

namespace elb::golden {

struct Tensor {
  nn::Shape shape;
  std::vector<int32_t> data;  // shape.size() of them

  Tensor() : data(1) {}
  explicit Tensor(nn::Shape s) : shape(s), data(static_cast<size_t>(s.size())) {}

  size_t index(int y, int x, int c) const {
    return (static_cast<size_t>(y) * static_cast<size_t>(shape.w) + static_cast<size_t>(x)) *
               static_cast<size_t>(shape.c) +
           static_cast<size_t>(c);
  }
  int32_t at(int y, int x, int c) const { return data[index(y, x, c)]; }
  int32_t& at(int y, int x, int c) { return data[index(y, x, c)]; }
  bool inside(int y, int x) const { return y >= 0 && y < shape.h && x >= 0 && x < shape.w; }
  bool operator==(const Tensor&) const = default;
};

// An exact accumulator as it is stored. Every network whose accumulators leave 32 bits is refused by the
// reader, so one that does not fit here is a mistake of ours.
inline int32_t stored(int64_t acc) {
  ELB_ASSERT(acc >= INT32_MIN && acc <= INT32_MAX, "an accumulator does not fit 32 bits");
  return static_cast<int32_t>(acc);
}

// The wire codes of a map of activations (docs/network-format.md, "Activations").
Tensor codes_of(const Tensor& values, const nn::ActType& act);

}  // namespace elb::golden
