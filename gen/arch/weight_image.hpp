// Weights as the words of a stage's memory, in the order in which it reads them.
//
//   compute   words [channel group][kernel fold][channel fold][ky][kx]; lane (p, s) at bit (p S + s) bits
//   lanewise  words [channel fold][ky][kx]; lane s at bit s bits
//
// Codes: binary 1 bit (1 = -1), ternary {nonzero, negative}, int n two's complement. Lanes that are no part
// of the layer hold weight 0 or, where binary has none, +1. An fc over a map has its inputs in order of
// arrival.
#pragma once
#include "arch/plan.hpp"
#include "base/mem_image.hpp"

namespace elb::arch {

// For a stage with weights.
MemImage weight_image(const nn::Layer& layer, const Stage& stage);

// Index into the HWC vector for every lane of a frame's beats in order of arrival; -1 where no value travels.
std::vector<int> arrival_order(const spec::Link& link);

}  // namespace elb::arch
