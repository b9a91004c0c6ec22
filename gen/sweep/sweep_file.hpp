// A sweep as a user writes it: a grid of hybrid precisions of one network on one device.
//
//   {"format": "elbgen.sweep/1", "name": "alexnet-zc706", "network": "alexnet-4-8218", "device": "zc706",
//    "clock_mhz": 200,
//    "activation_bits": [8, 4, 2],
//    "weights": {"first": ["int8"], "middle_conv": ["int8", "ternary", "binary"],
//                "middle_fc": ["int8", "binary"], "last": ["int8"]},
//    "objectives": ["frames_per_second", "lut", "weight_bits", "activation_bits"]}
//
// `clock_mhz` and `objectives` may be left out: the device's clock, and the four above.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sweep/point.hpp"
#include "sweep/precision.hpp"

namespace elb::sweep {

inline constexpr int64_t kMaxPoints = 100000;

struct Sweep {
  std::string file;  // it was read from
  std::string name, network, device;
  std::optional<double> clock_mhz;
  std::vector<int> activation_bits;
  std::array<std::vector<int>, kWeightClasses> weights;  // digits, by WeightClass
  std::vector<Objective> objectives;
};

// UserError with every mistake found in the file.
Sweep read_sweep(const std::string& path);
Sweep read_sweep_text(const std::string& text, const std::string& file_name);

// Every combination, in the file's order; the last class changes fastest.
std::vector<Precision> grid(const Sweep& sweep);

}  // namespace elb::sweep
