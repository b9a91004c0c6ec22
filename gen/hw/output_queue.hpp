// Behind a stage's fixed-latency datapath: cuts a tile's results into beats and queues them.
//
//   cycle   t       t+1      t+2                    A tile's results stand in cycle t only; beat j is pushed in t + j and
//           tile    .        .                      can be popped one cycle later. Kernels that do not exist (the ragged last
//           push 0  push 1   push 2                 tile of a channel group) make no beats.
//                   pop 0    pop 1
//
// Nothing stops the datapath: whoever issues tiles holds credits for their beats, which `pop` gives back.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/link.hpp"

namespace elb::hw {

struct OutputQueue {
  struct Params {
    int m = 1, p = 1;    // lanes of a tile: lane (m, p) at (m*P + p) * bits
    int kernels = 1;     // per channel group
    int groups = 1;
    spec::Link link;     // columns = M; channels = L
    int depth = 2;       // of the FIFO, in beats
    bool operator==(const Params&) const = default;
    int beats() const { return static_cast<int>(ceil_div(p, link.channels)); }
    int tiles() const { return static_cast<int>(ceil_div(kernels, p)); }
  };
  struct In {
    hdl::Sig valid, data;
  };
  struct Out {
    hdl::Stream out;
    hdl::Sig pop;
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    io.in("data", &In::data, hdl::u(p.m * p.p * p.link.bits));
    io.stream_out("out", &Out::out, {.data = hdl::u(p.link.data_bits()), .last = true});
    io.out("pop", &Out::pop, hdl::u(1));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
