// From a link to the words of a window store (spec/feed.hpp).
#pragma once
#include "hdl/module.hpp"
#include "spec/feed.hpp"

namespace elb::hw {

// `in` carries `link`; the result carries Vw columns x S channels of window.bits.
hdl::Stream feed_window(hdl::Module& m, const hdl::Stream& in, const spec::Link& link, bool flatten,
                        bool widen_bipolar, const spec::WindowParams& window);

}  // namespace elb::hw
