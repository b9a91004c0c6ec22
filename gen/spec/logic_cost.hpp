// What small parts of logic take: LUT6 with carry chains and the multiplexers F7, F8 beside them.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/bits.hpp"
#include "spec/resources.hpp"
#include "spec/technology.hpp"

namespace elb::spec {

// n to 1, one bit: a LUT6 takes four inputs, F7 and F8 join four of them.
constexpr int64_t mux_luts(int64_t n) {
  return n <= 1 ? 0 : ceil_div(n, 4) + (n > 16 ? mux_luts(ceil_div(n, 16)) : 0);
}
constexpr Resources logic(int64_t luts) {
  return {luts, 0, 0, 0};
}
constexpr Resources registers(int64_t bits) {
  return {0, bits, 0, 0};
}
// Tenths of a LUT per bit: what yosys 0.23 makes of a multiplexer of so many words without a register beside
// its address, in which MUXF7 and MUXF8 have little part. It finds a tree that suits some numbers more than
// others.
constexpr int64_t multiplexer_tenths(int64_t words) {
  constexpr std::array<int, 65> kTenths{0,   0,   10,  10,  10,  20,  20,  30,  30,  34,  47,  51,  48,
                                        48,  60,  59,  56,  90,  100, 96,  99,  130, 122, 121, 129, 106,
                                        119, 118, 131, 120, 132, 131, 126, 156, 142, 139, 153, 150, 153,
                                        169, 172, 165, 186, 181, 200, 212, 211, 206, 189, 190, 215, 192,
                                        198, 237, 213, 232, 228, 231, 235, 241, 244, 251, 257, 257, 246};
  return words < static_cast<int64_t>(kTenths.size()) ? kTenths[static_cast<size_t>(words)] : 44 * words / 10;
}
constexpr Resources multiplexer(int64_t n, int64_t width) {
  return logic(ceil_div(multiplexer_tenths(n) * width, 10));
}
// One of n words by a number, in leaves where technology has them (hw/word_choice.hpp).
constexpr Resources word_choice(Technology technology, int64_t n, int64_t width) {
  if (!has_primitives(technology) || n > kMostWays) return multiplexer(n, width);
  if (n <= 2) return logic(n < 2 ? 0 : ceil_div(width, 2));
  int64_t each = n > 16 ? 1 : 0;
  for (; n > 0; n -= 16) each += n == 1 ? 0 : n <= 4 ? 1 : n <= 8 ? 2 : 4;
  return logic(each * width);
}
// Sum of two operands, or a comparison: a LUT per bit of the carry chain.
constexpr Resources adder(int64_t width) {
  return logic(width);
}
// yosys compares three bits of two operands, or six with a constant, in two LUTs and a carry.
constexpr Resources comparison(int width, bool with_constant) {
  return logic(2 * ceil_div(width, with_constant ? 6 : 3));
}
// Is a value of `bits` this constant?
constexpr Resources equals(int64_t bits) {
  return logic(bits <= 1 ? 0 : ceil_div(bits, 5));
}
// 0 .. n-1 with an enable, and the enable of what counts behind it: a LUT a bit, the end inside it up to
// seven bits; yosys 0.23 has 1, 3, 2, 4, 5, 6, 7, 8 and 10 LUTs for 2, 3, 4, 8, 16, 32, 64, 112 and 256.
inline Resources loop_cost(int64_t n) {
  if (n <= 1) return {};
  const int bits = bits_for(n - 1);
  if (n == 2 || n == 4) return {.lut = bits, .ff = bits};
  return registers(bits) + logic(bits + 1 + (bits > 7 ? 1 : 0));
}
// The same with a register that says that it is at its end, where it has more than two bits.
inline Resources loop_cost_with_last(int64_t n) {
  return loop_cost(n) + registers(n > 4 ? 1 : 0);
}
// A function of `inputs` bits without structure.
constexpr int64_t table_luts(int inputs) {
  return inputs <= 1   ? 0
         : inputs <= 6 ? 1
                       : (int64_t{1} << (inputs - 6)) + (inputs > 8 ? table_luts(inputs - 6) : 0);
}
// A product of two signals: a DSP slice (25 x 18 signed) where it has 9 bits or more, as yosys has it.
Resources multiplier(int a_bits, int b_bits);

}  // namespace elb::spec
