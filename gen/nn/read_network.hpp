// Reads a network (docs/network-format.md) and its tensors, infers every shape and checks everything that can
// be checked. What comes back is sound: later rooms may rely on it and assert.
//
//   nn::Network net = nn::read_network("net.json");   // UserError with every mistake found
//   nn::fold(net);                                    // nn/fold.hpp: switching points and accumulator bounds
#pragma once
#include <optional>
#include <string>

#include "nn/network.hpp"

namespace elb::nn {

// Sizes beyond which a network is refused (nn-limit): everything after the reader computes in int and
// int64_t.
inline constexpr int kMaxDim = 65536;   // height, width, channels
inline constexpr int kMaxKernel = 255;  // kernel, stride, dilation, padding
inline constexpr int kMaxLayers = 4096;
inline constexpr int kMaxInputs = 64;                        // of one layer
inline constexpr int64_t kMaxMap = int64_t{1} << 26;         // values of one feature map
inline constexpr int64_t kMaxWeights = int64_t{1} << 28;     // of the whole network
inline constexpr int64_t kMaxThresholds = int64_t{1} << 24;  // of the whole network: channels times steps
inline constexpr int64_t kMaxAcc = int64_t{1} << 30;  // |accumulator|, for any weights of the layer's kind

Network read_network(const std::string& path);

// The same from memory. `file_name` stands in messages; a weights path in the JSON is not opened when
// `safetensors` is given, and is relative to `file_name` otherwise.
Network read_network_text(const std::string& json, const std::string& file_name,
                          const std::optional<std::string>& safetensors = {});

// What stands in the JSON alone: layers, shapes, types; no weights, thresholds or tails. No tensors are
// opened or made, so that this takes well under a millisecond for any network.
Network read_shapes_text(const std::string& json, const std::string& file_name);

}  // namespace elb::nn
