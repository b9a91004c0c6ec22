// One layer of the JSON file: keys, ranges, and the shape that follows from its inputs. Inside of
// read_network.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "nn/network.hpp"

namespace elb::nn {

// What the JSON says of a layer beyond nn::Layer: which tensors to expect.
struct LayerKeys {
  bool sound = false;  // no mistake so far, in it or in what it reads; else its shape means nothing
  bool bias = false;
  std::optional<double> epsilon;  // with "bn"
  bool thresholds = false;
};

// {"kind": K, "bits": a, "scale": s}
ActType read_activation(const Json& json);

// What is known when a layer is read.
struct FileState {
  std::map<std::string, int> names;  // every layer of the file, index in file order
  bool input_sound = false;
  std::vector<LayerKeys> keys;  // of the layers before
};

// Appends layer `json` to net.layers and returns its keys.
LayerKeys read_layer(const Json& json, const FileState& file, Network& net);

}  // namespace elb::nn
