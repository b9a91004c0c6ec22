// A chain of repacks on a stream (spec/convert.hpp), and the output FIFO behind it.
#pragma once
#include <string>
#include <vector>

#include "hdl/module.hpp"
#include "spec/convert.hpp"

namespace elb::hw {

// `stem` names the instances: u_<stem>, or u_<stem>0, u_<stem>1, ... where there are several.
hdl::Stream convert(hdl::Module& m, const std::string& stem, const hdl::Stream& in,
                    const std::vector<spec::ConvertStep>& chain);
inline hdl::Stream convert(hdl::Module& m, const std::string& stem, const hdl::Stream& in,
                           const spec::Link& from, const spec::Link& to) {
  return convert(m, stem, in, spec::convert_chain(from, to));
}
// A FIFO of so many beats, 0: none.
hdl::Stream beats_between(hdl::Module& m, const std::string& instance, const hdl::Stream& s, int depth);

// The stage's port `out`, behind a FIFO of so many beats.
void send_through_fifo(hdl::Module& m, const hdl::Stream& s, const spec::Link& out, int depth);

}  // namespace elb::hw
