// What a layer asks of a stage with a window store: its geometry in the terms of arch/folding.hpp.
#pragma once
#include "arch/folding.hpp"
#include "nn/network.hpp"

namespace elb::arch {

// A convolution whose channels stay apart, one kernel each.
bool is_depthwise(const nn::Layer& layer);
// conv, fc, pools over the map that `in` carries. An fc that reads a map takes the beats in order of arrival
// as one vector, don't-care lanes included.
StoreWork store_work(const nn::Layer& layer, const spec::Link& in, bool lanewise);

// Bits of a raw accumulator on a link: at least 16.
int raw_bits(const nn::Layer& layer);

// Operands of a concat take turns: the most of one that reads this layer's output, as it is or through add
// and quantize, which keep its pace; 1 where none does.
int link_turns(const nn::Network& net, int layer);

// A flatten that only fcs read: they get its map as it is.
bool keeps_map(const nn::Network& net, int flatten);

}  // namespace elb::arch
