#include "hw/fork.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"
#include "hw/fifo.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

void build(Module& m, const spec::ForkParams& p) {
  m.doc({.purpose = fmt::format("one stream to {} readers, a FIFO for each", p.depths.size()),
         .params = fmt::format("data_bits={} depths={}", p.data_bits, fmt::join(p.depths, ",")),
         .latency = spec::FifoTiming::kPushToPop,
         .interval = 1});
  const Stream in = m.stream_in("in", link_shape(p.data_bits));
  const Wire push = m.wire("push", u(1));
  Cond room = true;
  for (size_t i = 0; i < p.depths.size(); ++i) {
    const std::string n = std::to_string(i);
    const Stream copy = m.stream("copy" + n, link_shape(p.data_bits), push, {in.data(), in.last()});
    const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo" + n, spec::fifo(p.data_bits, p.depths[i]), {copy});
    m.stream_out("out" + n, link_shape(p.data_bits)).connect(fifo.out);
    room = room & Cond(copy.ready());
  }
  in.drive_ready(room.sig(m));
  push.drive(in.fire());
}

}  // namespace

const Module& build_fork(Design& d, const spec::ForkParams& p, SrcLoc loc) {
  ELB_ASSERT(!p.depths.empty(), "a fork has readers");
  const auto equal = [](const std::any& a, const std::any& b) {
    const auto* pa = std::any_cast<spec::ForkParams>(&a);
    const auto* pb = std::any_cast<spec::ForkParams>(&b);
    return pa && pb && *pa == *pb;
  };
  return d.component(fmt::format("elb_fork_w{}_d{}", p.data_bits, fmt::join(p.depths, "_")), p, equal,
                     {[p](Module& m) { build(m, p); }}, loc);
}

}  // namespace elb::hw
