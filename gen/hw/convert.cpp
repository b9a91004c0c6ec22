#include "hw/convert.hpp"

#include "hw/fifo.hpp"
#include "hw/repack.hpp"

namespace elb::hw {

using namespace hdl;

Stream convert(Module& m, const std::string& stem, const Stream& in, const spec::Link& from,
               const spec::Link& to) {
  Stream s = in;
  int n = 0;
  for (const spec::ConvertStep& step : spec::convert_chain(from, to)) {
    s = instantiate<Repack>(m, "u_" + stem + std::to_string(n++), step.repack, {s}).out;
  }
  return s;
}

void send_through_fifo(Module& m, const Stream& s, const spec::Link& out, int depth) {
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(out.data_bits(), depth), {s});
  m.stream_out("out", link_shape(out)).connect(fifo.out);
}

}  // namespace elb::hw
