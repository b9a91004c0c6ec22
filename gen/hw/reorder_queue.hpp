// The reorder queue of a stage with streamed weights: the beats of tiles come sweep by sweep and leave place
// by place (timing: spec/sweep.hpp, shapes: spec/serializer.hpp).
//
//   ring     place i        beats of sweep 0 | of sweep 1 | ...
//            place i + 1    beats of sweep 0 | of sweep 1 | ...
//
//   cycle    w            w + 1     w + 2            w + 3
//            place done   a fetch   into the FIFO    out
//                                   freed with the place's last fetch
//
// The address walks through the ring in steps of a whole place under a sweep, and back to the first place of
// the band, one tile's beats further, at its end. `last` counts places of a frame.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/link_stream.hpp"
#include "spec/reorder_queue.hpp"

namespace elb::hw {

struct ReorderQueue {
  using Params = spec::ReorderQueueParams;
  struct In {
    hdl::Sig valid;      // a beat arrives in this cycle
    hdl::Sig sweep_end;  // it is the last of its sweep's last tile
    hdl::Sig beat;
  };
  struct Out {
    hdl::Stream out;
    hdl::Sig freed;  // the last beat of a place is fetched in this cycle
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    io.in("sweep_end", &In::sweep_end, hdl::u(1));
    io.in("beat", &In::beat, hdl::u(p.link.data_bits()));
    io.stream_out("out", &Out::out, link_shape(p.link));
    io.out("freed", &Out::freed, hdl::u(1));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
