// A hybrid precision: the bits of activations, and the weights of four classes of layers.
//
// Written as in the method's paper: "4-8218" is 4-bit activations, then a digit each for the first layer,
// the middle CONV layers, the middle FC layers and the last layer. A digit is the bits that a weight takes:
// 1 binary, 2 ternary, 3..8 int3..int8.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "nn/network.hpp"

namespace elb::sweep {

enum class WeightClass { first, middle_conv, middle_fc, last };
inline constexpr int kWeightClasses = 4;
const std::vector<std::string>& weight_class_names();

struct Precision {
  int activation_bits = 8;
  std::array<int, kWeightClasses> weights = {8, 8, 8, 8};  // by WeightClass, the digit
  bool operator==(const Precision&) const = default;
};

std::string to_string(const Precision& p);  // "4-8218"

// "binary", "ternary", "int3" .. "int8" of the digits 1 .. 8, as a network file has them.
const std::vector<std::string>& weight_names();
inline const std::string& weight_name(int digit) {
  return weight_names()[static_cast<size_t>(digit) - 1];
}

// By layer; nothing for layers without weights. A network with one such layer has a first one only.
std::vector<std::optional<WeightClass>> weight_classes(const nn::Network& net);

}  // namespace elb::sweep
