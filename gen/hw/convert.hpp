// A chain of repacks on a stream (spec/convert.hpp), and the output FIFO behind it.
#pragma once
#include <string>

#include "hdl/module.hpp"
#include "spec/convert.hpp"

namespace elb::hw {

// `stem` names the instances: u_<stem>0, u_<stem>1, ...
hdl::Stream convert(hdl::Module& m, const std::string& stem, const hdl::Stream& in, const spec::Link& from,
                    const spec::Link& to);

// The stage's port `out`, behind a FIFO of so many beats.
void send_through_fifo(hdl::Module& m, const hdl::Stream& s, const spec::Link& out, int depth);

}  // namespace elb::hw
