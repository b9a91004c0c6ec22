#include "hdl/shape.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/bits.hpp"

namespace elb::hdl {

Shape u(int width) {
  ELB_ASSERT(width >= 1, "a signal has at least one bit");
  return {width, false};
}

Shape s(int width) {
  ELB_ASSERT(width >= 1, "a signal has at least one bit");
  return {width, true};
}

Shape fit(int64_t lo, int64_t hi) {
  ELB_ASSERT(lo <= hi, "an empty interval");
  if (lo >= 0) return u(bits_for(hi));
  return s(signed_bits_for(lo, hi));
}

Shape join(Shape a, Shape b) {
  if (a.is_signed == b.is_signed) return {std::max(a.width, b.width), a.is_signed};
  return {std::max(a.width + !a.is_signed, b.width + !b.is_signed), true};
}

Shape add_shape(Shape a, Shape b) {
  const Shape j = join(a, b);
  return {j.width + 1, j.is_signed};
}

Shape sub_shape(Shape a, Shape b) {
  return {join(a, b).width + 1, true};
}

Shape neg_shape(Shape a) {
  return {a.width + 1, true};
}

Shape mul_shape(Shape a, Shape b) {
  return {a.width + b.width, a.is_signed || b.is_signed};
}

bool holds(Shape target, Shape value) {
  if (target.is_signed == value.is_signed) return target.width >= value.width;
  return target.is_signed && target.width > value.width;
}

bool holds(Shape target, int64_t value) {
  return value == 0 || holds(target, fit(value, value));
}

int64_t min_value(Shape a) {
  ELB_ASSERT(a.width <= 63, "range of a signal wider than 63 bits");
  return a.is_signed ? -(int64_t{1} << (a.width - 1)) : 0;
}

int64_t max_value(Shape a) {
  ELB_ASSERT(a.width <= 63, "range of a signal wider than 63 bits");
  const int bits = a.is_signed ? a.width - 1 : a.width;
  return static_cast<int64_t>((uint64_t{1} << bits) - 1);
}

int address_bits(int64_t depth) {
  ELB_ASSERT(depth >= 1, "a depth of at least 1");
  return bits_for(depth - 1);
}

std::string to_string(Shape a) {
  return (a.is_signed ? "s" : "u") + std::to_string(a.width);
}

}  // namespace elb::hdl
