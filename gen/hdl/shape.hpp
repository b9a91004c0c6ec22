// Width and signedness of a signal, and the one table of growth rules.
//
//   a + b   join, one bit wider          a * b     wa + wb, signed if either is
//   a - b   signed, join + 1             mux       join
//   -a      signed, one bit wider        literal k fit(k, k)
//
// join(u a, s b) = s max(a + 1, b): the narrowest shape that holds every value of both.
#pragma once
#include <cstdint>
#include <string>

namespace elb::hdl {

struct Shape {
  int width = 1;
  bool is_signed = false;
  bool operator==(const Shape&) const = default;
};

Shape u(int width);  // width >= 1
Shape s(int width);
// The narrowest shape that holds lo..hi: unsigned when lo >= 0.
Shape fit(int64_t lo, int64_t hi);

Shape join(Shape a, Shape b);
Shape add_shape(Shape a, Shape b);
Shape sub_shape(Shape a, Shape b);
Shape neg_shape(Shape a);
Shape mul_shape(Shape a, Shape b);
// Does every value of `value` have a pattern in `target`? (u into a wider s: yes; s into u: never.)
bool holds(Shape target, Shape value);
bool holds(Shape target, int64_t value);
// The least and the greatest value; widths up to 63 (unsigned: 62).
int64_t min_value(Shape a);
int64_t max_value(Shape a);
// Bits of an address into `depth` words, of a counter 0..depth-1: at least 1.
int address_bits(int64_t depth);
std::string to_string(Shape a);  // "u5", "s8"

}  // namespace elb::hdl
