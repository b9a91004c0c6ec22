// The compute-engine array: P kernels x M pixels, each a dot product of S inputs, summed over the F words of
// a tile.
//
//   T[m][p] = sum over the tile's words of dot(act[m], wgt[p])       modulo 2^acc_bits
//
// The words of a tile come in F consecutive cycles (the rule for stalls in docs/architecture.md): there is no
// enable, a word's results appear spec::latency(ComputeParams) cycles behind it, and T stands for one cycle
// only.
//
//   latency   spec::latency(ComputeParams) from the last word   interval 1 word
//   cycle     0       1     2     ..  d = latency(dot)   d+1     d+2
//   F = 2     first   last            sum of first       acc     acc + sum of last = T, valid
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/compute.hpp"

namespace elb::hw {

struct ComputeArray {
  using Params = spec::ComputeParams;
  struct In {
    hdl::Sig valid;        // a word of a tile is here
    hdl::Sig first, last;  // of a tile; ports only where F > 1
    hdl::Sig act;          // lane (m, s) at (m*S + s) * act_bits
    hdl::Sig wgt;          // lane (p, s) at (p*S + s) * weight_bits
    hdl::Sig preset =
        {};  // lane p at p * acc_bits, when `out_begun` is next; only where accumulators take it
  };
  struct Out {
    hdl::Sig valid;
    hdl::Sig t;           // lane (m, p) at (m*P + p) * acc_bits
    hdl::Sig begun = {};  // the accumulators take the preset in this cycle
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    if (p.folds > 1) {
      io.in("first", &In::first, hdl::u(1));
      io.in("last", &In::last, hdl::u(1));
    }
    io.in("act", &In::act, hdl::u(p.act_word_bits()));
    io.in("wgt", &In::wgt, hdl::u(p.weight_word_bits()));
    if (p.preset) io.in("preset", &In::preset, hdl::u(p.preset_bits()));
    io.out("out_valid", &Out::valid, hdl::u(1));
    io.out("out_t", &Out::t, hdl::u(p.m * p.p * p.acc_bits));
    if (p.preset) io.out("out_begun", &Out::begun, hdl::u(1));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
  // With a PlainDot per dot product instead of ProductDots, and T itself in the accumulators, which those
  // begin with their constants.
  static bool is_mapped(const Params& p) { return spec::is_product_array(p); }
  static Out behaviour(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
