// A FIFO of any depth from 1 (timing: spec/fifo.hpp).
//
//   depth 1     one register
//   depth 2     two registers: what leaves, and the beat behind it
//   deeper      a ring in LUT RAM, read without a cycle; in block RAM, read one cycle ahead with a bypass
//               for the word that is just being written
//
//   cycle       0      1      2      3        (depth 2, sink stalled until cycle 3)
//   push        A      B
//   out         -      A      A      A, B next
//   in_ready    1      1      0      0, 1 next
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/link_stream.hpp"
#include "spec/fifo.hpp"

namespace elb::hw {

struct Fifo {
  using Params = spec::FifoParams;
  struct In {
    hdl::Stream in;
  };
  struct Out {
    hdl::Stream out;  // out.fire() is the pop that gives a credit back
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("in", &In::in, link_shape(p.data_bits));
    io.stream_out("out", &Out::out, link_shape(p.data_bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
