#include "sweep/precision.hpp"

#include <fmt/format.h>

namespace elb::sweep {

const std::vector<std::string>& weight_class_names() {
  static const std::vector<std::string> names{"first", "middle_conv", "middle_fc", "last"};
  return names;
}

const std::vector<std::string>& weight_names() {
  static const std::vector<std::string> names{"binary", "ternary", "int3", "int4",
                                              "int5",   "int6",    "int7", "int8"};
  return names;
}

std::string to_string(const Precision& p) {
  std::string text = fmt::format("{}-", p.activation_bits);
  for (const int digit : p.weights) text += fmt::format("{}", digit);
  return text;
}

std::vector<std::optional<WeightClass>> weight_classes(const nn::Network& net) {
  std::vector<std::optional<WeightClass>> classes(net.layers.size());
  std::vector<size_t> weighted;
  for (size_t i = 0; i < net.layers.size(); ++i) {
    if (net.layers[i].has_weights()) weighted.push_back(i);
  }
  for (const size_t i : weighted) {
    classes[i] = net.layers[i].op == nn::Op::conv ? WeightClass::middle_conv : WeightClass::middle_fc;
  }
  if (!weighted.empty()) classes[weighted.back()] = WeightClass::last;
  if (!weighted.empty()) classes[weighted.front()] = WeightClass::first;
  return classes;
}

}  // namespace elb::sweep
