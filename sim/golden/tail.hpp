// From accumulator to activation, twice: the real-valued tail as the network states it, and its switching
// points.
//
// The real tail is written here from docs/network-format.md, "From accumulator to activation", and not taken
// from nn: fold() finds its points by bisection on its own f, and the two have to agree on every accumulator.
#pragma once
#include <cstdint>

#include "sim/golden/tensor.hpp"

namespace elb::golden {

// f(acc) of one channel, in IEEE double and in the documented order, as a value of `act`.
int real_value(const nn::RealTail& tail, const nn::ActType& act, int channel, int64_t acc);

// base + step * code, the code being the number of points that acc has reached (or has not, where reversed).
int stepped_value(const nn::Steps& steps, const nn::ActType& act, int64_t acc);

// Either of them on every element of a map of accumulators.
Tensor apply_real(const Tensor& acc, const nn::RealTail& tail, const nn::ActType& act);
Tensor apply_steps(const Tensor& acc, const nn::Layer& layer);

}  // namespace elb::golden
