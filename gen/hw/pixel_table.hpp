// Pixels to codes, lane by lane, in the same cycle.
//
// A table whose code bits each equal a pixel bit, its inverse or a constant is wires (identity, the sign bit
// of signed pixels, the upper bits of a coarser scale); any other is a ROM of 256 words per channel, shared
// by lanes of one table.
#pragma once
#include <vector>

#include "hdl/module.hpp"
#include "spec/link.hpp"

namespace elb::hw {

// `pixels`: 8 bits per lane of `link`. `channel_beat`: which channels this beat carries. tables: [1] or
// [c][256].
hdl::Sig look_up(hdl::Module& m, const spec::Link& link, const std::vector<std::vector<int>>& tables,
                 hdl::Sig pixels, hdl::Sig channel_beat);

}  // namespace elb::hw
