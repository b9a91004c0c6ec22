// Dot product of S activations and S low-bit weights: sum of t(act[i], wgt[i]), t as in spec/compute.hpp.
//
//   binary   t = e ^ s            ternary  t = (e ^ s) & m            integer  t = w * e
//
// A weight selects, so there is no multiplier, no negation and no sign in the tree of a binary or ternary dot
// product. Every adder level is registered and exactly as wide as its largest sum; selection and first
// addition share one level. Per multiply-accumulate at S = 64 that takes 2.4 / 3.9 / 5.3 / 6.8 / 12.8 LUT
// cells for ternary weights and 1 / 2 / 3 / 4 / 8 activation bits (yosys 0.23 synth_xilinx).
//
//   latency   spec::latency(DotParams)   interval 1
//   cycle     0         1                     2                3
//   S = 4     act, wgt  t0 + t1, t2 + t3      sum              (next word's sum)
#pragma once
#include <string>
#include <vector>

#include "hdl/component.hpp"
#include "spec/compute.hpp"

namespace elb::hw {

struct Dot {
  using Params = spec::DotParams;
  struct In {
    hdl::Sig act;  // lane i at [i*act_bits +: act_bits], unsigned codes
    hdl::Sig wgt;  // lane i at [i*weight_bits +: weight_bits]
  };
  struct Out {
    hdl::Sig sum;
  };
  static std::string name(const Params& p);
  static hdl::Shape sum_shape(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("act", &In::act, hdl::u(p.s * p.act_bits));
    io.in("wgt", &In::wgt, hdl::u(p.s * p.weight_bits));
    io.out("sum", &Out::sum, sum_shape(p));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

// "ternary", "int8": for names of modules.
std::string weight_name(spec::WeightCode code, int weight_bits);
// "elb_dot_ternary_s64_a4", with "_w9" where the sum is cut to 9 bits; `stem` is "elb_dot".
std::string dot_name(const std::string& stem, const spec::DotParams& p);
// "act ^ wgt": t for the heads of modules.
std::string term_text(spec::WeightCode code);
// t of one lane, not registered: as wide as its largest value.
hdl::Sig weighted(spec::WeightCode code, hdl::Sig act, hdl::Sig wgt);

}  // namespace elb::hw
