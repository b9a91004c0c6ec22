#include "hw/convert.hpp"

#include "hw/fifo.hpp"
#include "hw/repack.hpp"

namespace elb::hw {

using namespace hdl;

Stream convert(Module& m, const std::string& stem, const Stream& in,
               const std::vector<spec::ConvertStep>& chain) {
  Stream s = in;
  for (size_t i = 0; i < chain.size(); ++i) {
    const std::string name = "u_" + stem + (chain.size() > 1 ? std::to_string(i) : "");
    s = beats_between(m, name + "_fifo", s, chain[i].fifo_before);
    s = instantiate<Repack>(m, name, chain[i].repack, {s}).out;
  }
  return s;
}

Stream beats_between(Module& m, const std::string& instance, const Stream& s, int depth) {
  if (depth == 0) return s;
  return instantiate<Fifo>(m, instance, spec::fifo(s.data().width(), depth), {s}).out;
}

void send_through_fifo(Module& m, const Stream& s, const spec::Link& out, int depth) {
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(out.data_bits(), depth), {s});
  m.stream_out("out", link_shape(out)).connect(fifo.out);
}

}  // namespace elb::hw
