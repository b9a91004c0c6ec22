// A small network in memory that tests bend and break.
#pragma once
#include <string>
#include <vector>

#include "base/diag.hpp"
#include "nn/read_network.hpp"
#include "nn/safetensors.hpp"

namespace elb::nn::test {

// Replaces the one occurrence of `from`; a test that misses its target must not pass silently.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
    throw std::logic_error("'" + from + "' does not stand exactly once in the text");
  }
  return text.replace(at, from.size(), to);
}

// 6x6x2 -> conv1 6x6x4 u4 (bn) -> pool1 3x3x4 -> conv2 3x3x4 u4 (thresholds), add1 with pool1 -> fc1 3 raw
// with bias.
inline const std::string& tiny_json() {
  static const std::string text = R"({
  "format": "elbgen.network/1",
  "name": "tiny",
  "weights": "tiny.safetensors",
  "input": {"shape": [6, 6, 2], "activation": {"kind": "unsigned", "bits": 8, "scale": 0.5}},
  "layers": [
    {"name": "conv1", "op": "conv", "out_channels": 4, "kernel": 3, "padding": 1, "weight": "int8", "bias": true,
     "bn": {"epsilon": 1e-5}, "activation": {"kind": "unsigned", "bits": 4, "scale": 0.25}},
    {"name": "pool1", "op": "max_pool", "kernel": [2, 2], "stride": [2, 2]},
    {"name": "conv2", "op": "conv", "out_channels": 4, "kernel": [3, 3], "padding": [1, 1], "groups": 2, "weight": "ternary",
     "thresholds": 15, "activation": {"kind": "unsigned", "scale": 0.25, "bits": 4}},
    {"name": "add1", "op": "add", "inputs": ["pool1", "conv2"], "activation": {"kind": "signed", "bits": 3}},
    {"name": "fc1", "op": "fc", "out_channels": 3, "weight": "binary", "bias": true}
  ]
}
)";
  return text;
}

inline std::vector<Tensor> tiny_tensors() {
  std::vector<int8_t> conv1, conv2, fc1;
  for (int i = 0; i < 72; ++i) conv1.push_back(static_cast<int8_t>((i * 37 + 11) % 255 - 127));
  for (int i = 0; i < 72; ++i) conv2.push_back(static_cast<int8_t>(i * 5 % 3 - 1));
  for (int i = 0; i < 108; ++i) fc1.push_back(i * 7 % 5 < 2 ? -1 : 1);
  std::vector<int32_t> thresholds;
  for (int i = 0; i < 60; ++i) thresholds.push_back(i % 15 * 3 - 20);
  return {make_i8("conv1.weight", {4, 3, 3, 2}, conv1),
          make_f32("conv1.weight_scale", {1}, {0.01F}),
          make_f32("conv1.bias", {4}, {1, -2, 0, 4}),
          make_f32("conv1.bn.gamma", {4}, {0.02F, -0.03F, 0.01F, 0.05F}),
          make_f32("conv1.bn.beta", {4}, {1, 2, 1.5F, 0}),
          make_f32("conv1.bn.mean", {4}, {3, -10, 0.5F, 20}),
          make_f32("conv1.bn.variance", {4}, {1, 0.5F, 2, 0}),
          make_i8("conv2.weight", {4, 3, 3, 2}, conv2),
          make_i32("conv2.thresholds", {4, 15}, thresholds),
          make_i8("fc1.weight", {3, 36}, fc1),
          make_i32("fc1.bias", {3}, {5, -7, 0})};
}

inline Network read_tiny(const std::string& json, const std::vector<Tensor>& tensors) {
  return read_network_text(json, "net.json", write_safetensors(tensors));
}

// The mistakes that reading reports; none when it succeeds.
inline std::vector<Diag> mistakes(const std::string& json, const std::string& safetensors) {
  try {
    read_network_text(json, "net.json", safetensors);
  } catch (const UserError& e) {
    return e.diags();
  }
  return {};
}

}  // namespace elb::nn::test
