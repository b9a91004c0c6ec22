// A folded layer as hardware computes it: on the codes e of its input, v = kappa e + o, with weights as
// selectors (docs/architecture.md, "Codes, not values, travel").
//
//   T   = sum of ((e ^ s) & m)     binary, ternary: s = weight is -1, m = weight is not 0
//   T   = sum of w e               int n
//   acc = kappa T + offset[channel]
//
// Layers without weights compute on values: T = acc.
#pragma once
#include <cstdint>
#include <vector>

#include "nn/network.hpp"

namespace elb::nn {

// The input's activation as the compute array sees it: ternary codes where a bipolar input is padded with 0,
// else layer.in_act.
ActType hw_input_act(const Layer& layer);
bool widens_bipolar(const Layer& layer);
// Code of hw_input_act at a padded tap.
int hw_pad_code(const Layer& layer);

struct CodeDomain {
  int64_t kappa = 1;
  std::vector<int64_t> offset;  // C_k, per output channel
  std::vector<Steps> steps;  // points in T, per output channel; empty where the layer gives raw accumulators
  std::vector<Interval> t_channel;  // reachable T, per output channel
  Interval t;                       // over all channels
};

// Of a layer that has a tail, with its bounds and switching points; fold() keeps it in the layer.
CodeDomain code_domain(const Layer& layer);

}  // namespace elb::nn
