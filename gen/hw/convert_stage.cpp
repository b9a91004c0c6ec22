// A link changes its form: other V and L, or flattened. No table: the chain's timing stands in
// spec/convert.hpp.
#include <fmt/format.h>

#include "hw/convert.hpp"
#include "hw/link_stream.hpp"
#include "hw/stages.hpp"

namespace elb::hw {

using namespace hdl;

Module& build_stage(Design& d, const spec::ConvertStage& s) {
  Module& m = d.module(s.module);
  m.doc({.purpose = s.title,
         .params = fmt::format("{}x{} lanes to {}x{} lane_bits={}", s.in.columns, s.in.channels,
                               s.out.columns, s.out.channels, s.in.bits)});
  const Stream in = m.stream_in("in", link_shape(s.in));
  send_through_fifo(m, convert(m, "repack", in, s.in, s.out), s.out, s.fifo_depth);
  return m;
}

}  // namespace elb::hw
