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
    if (step.fifo_before > 0) {
      const spec::FifoParams fifo = spec::fifo(s.data().width(), step.fifo_before);
      s = instantiate<Fifo>(m, "u_" + stem + std::to_string(n) + "_fifo", fifo, {s}).out;
    }
    s = instantiate<Repack>(m, "u_" + stem + std::to_string(n++), step.repack, {s}).out;
  }
  return s;
}

void send_through_fifo(Module& m, const Stream& s, const spec::Link& out, int depth) {
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(out.data_bits(), depth), {s});
  m.stream_out("out", link_shape(out)).connect(fifo.out);
}

}  // namespace elb::hw
