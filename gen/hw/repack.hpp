// Width conversion of a pixel's channels (spec/repack.hpp), one beat and one word per cycle.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/repack.hpp"

namespace elb::hw {

struct Repack {
  using Params = spec::RepackParams;
  struct In {
    hdl::Stream in;  // V columns x L lanes
  };
  struct Out {
    hdl::Stream out;  // V columns x S lanes
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("in", &In::in, {.data = hdl::u(p.columns * p.in_lanes * p.bits)});
    io.stream_out("out", &Out::out, {.data = hdl::u(p.columns * p.out_lanes * p.bits)});
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
