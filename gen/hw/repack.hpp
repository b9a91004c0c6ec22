// A pixel's beats of L channels become words of S channels (rules and timing: spec/repack.hpp).
//
//   in  lane (v, l) at (v*L + l) * bits   ->   out lane (v, s) at (v*S + s) * bits
//
// Lanes move in grains of gcd(L, S). Which grain of a word comes from which grain of the beat depends only on
// the phase in the pixel, so each grain is a small choice between grains of the beat and of the rest.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/repack.hpp"

namespace elb::hw {

struct Repack {
  using Params = spec::RepackParams;
  struct In {
    hdl::Stream in;
  };
  struct Out {
    hdl::Stream out;
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("in", &In::in, {.data = hdl::u(p.columns * p.in_lanes * p.bits), .last = p.last});
    io.stream_out("out", &Out::out, {.data = hdl::u(p.columns * p.out_lanes * p.bits), .last = p.last});
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
