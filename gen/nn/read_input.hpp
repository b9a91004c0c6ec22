// The "input" of a network's JSON: shape, activation, pixel table, image preparation. Inside of read_network.
#pragma once
#include "base/json.hpp"
#include "nn/network.hpp"

namespace elb::nn {

// Fills input, input_act, pixel_table and image. Are shape and activation sound, so that layers may be judged
// by them?
bool read_input(const Json& input, Network& net);

}  // namespace elb::nn
