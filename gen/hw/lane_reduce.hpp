// Reductions lane by lane: max or sum pooling, depthwise products (spec/lane_reduce.hpp).
//
//   result[m][s] = reduce over the tile's words of value(act[m][s])
//
// As in ComputeArray the F words of a tile come in consecutive cycles, and a result stands for one cycle.
//
//   latency   spec::latency(LaneReduceParams) from the last word   interval 1 word
//   cycle     0       1        2        3
//   F = 2     first   last     acc      acc op last = result, valid
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/lane_reduce.hpp"

namespace elb::hw {

struct LaneReduce {
  using Params = spec::LaneReduceParams;
  struct In {
    hdl::Sig valid;
    hdl::Sig first, last;  // ports only where F > 1
    hdl::Sig act;          // lane (m, s) at (m*S + s) * bits
    hdl::Sig padded;       // bit m: the tap of pixel m lies outside the map; a port only where params say so
    hdl::Sig wgt;          // lane s at s * weight_bits; a port of multiply only
  };
  struct Out {
    hdl::Sig valid;
    hdl::Sig result;  // lane (m, s) at (m*S + s) * result_bits
  };
  static bool has_padded(const Params& p) { return p.padded && p.op != spec::LaneOp::multiply; }
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    if (p.folds > 1) {
      io.in("first", &In::first, hdl::u(1));
      io.in("last", &In::last, hdl::u(1));
    }
    io.in("act", &In::act, hdl::u(p.m * p.s * p.bits));
    if (has_padded(p)) io.in("padded", &In::padded, hdl::u(p.m));
    if (p.op == spec::LaneOp::multiply) io.in("wgt", &In::wgt, hdl::u(p.s * p.weight_bits));
    io.out("out_valid", &Out::valid, hdl::u(1));
    io.out("out_result", &Out::result, hdl::u(p.m * p.s * p.result_bits()));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
