// A small network with all four classes of weights, and a sweep of it.
#pragma once
#include <string>

#include "sweep/base_network.hpp"
#include "sweep/sweep_file.hpp"

namespace elb::sweep::test {

inline const std::string kNetwork = R"({
  "format": "elbgen.network/1", "name": "small-4-8218", "weights": {"synthetic": 3},
  "input": {"shape": [8, 8, 3], "activation": {"kind": "unsigned", "bits": 8}},
  "layers": [
    {"name": "conv1", "op": "conv", "out_channels": 4, "kernel": 3, "weight": "int8", "activation": {"kind": "unsigned", "bits": 4}},
    {"name": "pool1", "op": "max_pool", "kernel": 2, "stride": 2},
    {"name": "conv2", "op": "conv", "out_channels": 8, "kernel": 3, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 4}},
    {"name": "fc1", "op": "fc", "out_channels": 6, "weight": "binary", "activation": {"kind": "unsigned", "bits": 4}},
    {"name": "fc2", "op": "fc", "out_channels": 5, "weight": "int8"}
  ]
}
)";

inline const std::string kSweep = R"({
  "format": "elbgen.sweep/1", "name": "small", "network": "small.json", "device": "zc706",
  "activation_bits": [8, 2, 1],
  "weights": {"first": ["int8", "int4"], "middle_conv": ["ternary", "binary"], "middle_fc": ["binary"],
              "last": ["int8", "int3", "ternary"]}
}
)";

// `text` with its first `from` replaced.
inline std::string edited(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace elb::sweep::test
