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

// Appends layer `json` to net.layers and returns its keys. `names`: every layer of the file by name, index in
// file order.
LayerKeys read_layer(const Json& json, const std::map<std::string, int>& names,
                     const std::vector<LayerKeys>& before, Network& net);

}  // namespace elb::nn
