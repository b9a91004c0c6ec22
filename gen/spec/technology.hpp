// What the leaves of a design are made of; a device says which (arch/device.hpp).
//
//   generic   plain Verilog, left to synthesis
//   xc7       7-series: LUT6_2, CARRY4, DSP48E1
//   xcup      UltraScale and UltraScale+: LUT6_2, CARRY8, DSP48E2
//
// xc7 and xcup share modules, latencies and LUT sites; bodies of leaves differ in their carry chains, and
// slices in the width of an operand (spec/product_dot.hpp).
#pragma once
#include <array>
#include <cstddef>
#include <string>

namespace elb::spec {

enum class Technology { generic, xc7, xcup };

constexpr std::array kTechnologyNames = {"generic", "xc7", "xcup"};

constexpr const char* to_string(Technology t) {
  return kTechnologyNames[static_cast<size_t>(t)];
}
// Whether leaves have bodies in a family's primitives.
constexpr bool has_primitives(Technology t) {
  return t != Technology::generic;
}
// Words that a leaf elb_choose chooses from.
inline constexpr int kMostWays = 64;
// Of the wide operand of a DSP slice, beside its sign: DSP48E1 25 x 18 (UG479), DSP48E2 27 x 18 (UG579).
constexpr int slice_operand_bits(Technology t) {
  return t == Technology::xcup ? 26 : 24;
}
// Of the name of a module whose structure depends on it: "", "_xc7", "_xcup".
inline std::string module_suffix(Technology t) {
  return has_primitives(t) ? std::string("_") + to_string(t) : "";
}

}  // namespace elb::spec
