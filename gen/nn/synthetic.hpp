// Reproducible random parameters for networks that have no public ones. What stands here is part of the
// network format (docs/network-format.md, "Synthetic weights"): a change changes every synthetic network.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "nn/network.hpp"

namespace elb::nn {

// splitmix64 (base/splitmix.hpp), started at seed XOR FNV-1a-64(stream).
class SplitMix {
 public:
  SplitMix(uint64_t seed, const std::string& stream);
  uint64_t next();

 private:
  uint64_t state_;
};

// Weights of a layer with `weight`, in tensor order, from the stream "<layer>.weight".
std::vector<int8_t> synthetic_weights(const Layer& layer, uint64_t seed);

// Thresholds of a layer with activation, one list per output channel, from the stream "<layer>.thresholds".
// `layer.weights` are already there; `inputs` are the activations of all its inputs.
std::vector<Steps> synthetic_steps(const Layer& layer, const std::vector<ActType>& inputs, uint64_t seed);

}  // namespace elb::nn
