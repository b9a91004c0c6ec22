// What the accumulators of an array begin a tile with, so that the activation behind them finds a part of its
// work done, at no cost in the adder (the accumulate step already chooses between a running sum and a
// beginning):
//
//   threshold  less the channel's first point of the search: the sign of T is the first level, and all of a
//   one-bit code raw        plus the offset over kappa
//
// One value per kernel lane and tile of the array, [tiles * p], tile-major, in issue order as in
// spec/activation.hpp; the M pixels of a tile share it. Lanes of kernels that do not exist may hold anything.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace elb::spec {

struct PresetParams {
  int p = 1;
  int tiles = 1;
  int bits = 1;               // of an accumulator, two's complement
  std::string mem_file = {};  // "conv1_act.mem": stem of the file that holds them where they are many
  std::vector<int64_t> values = {};
  std::string module = {};  // "elb_tiny_conv1_preset"
  bool operator==(const PresetParams&) const = default;
};

// Cycles from `advance` until the next tile's values stand at the port; a tile of F > 1 words begins no
// sooner.
constexpr int kPresetLatency = 2;
// They stand in the third cycle behind reset at the earliest; a store's first tile comes later.

}  // namespace elb::spec
