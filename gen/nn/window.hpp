// Kernel, stride, padding: how a window moves over a map.
#pragma once
#include "base/json.hpp"
#include "nn/network.hpp"

namespace elb::nn {

// The keys `kernel`, `stride`, `padding` of a layer, and `dilation` for conv. Ranges are checked, fit is not.
Window read_window(const Json& layer, Op op);

// Height and width of the output over `in`; enlarges bottom and right where ceil_mode needs it. A window that
// does not fit, or that could lie wholly in padding, is reported; the result is then 1x1.
Shape slide_window(const Json& layer, Shape in, bool ceil_mode, Window& window);

}  // namespace elb::nn
