// One dot product with integer weights, or two with an operand in common, in DSP slices and LUTs:
// spec/product_dot.hpp.
//
//   latency   spec::latency(ProductDotParams)   interval 1
//   cycle     0          1           ..   latency
//             act, wgt   LUT rows         sum          (next word's sum)
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/product_dot.hpp"

namespace elb::hw {

struct ProductDot {
  using Params = spec::ProductDotParams;
  struct In {
    // Of the first R = raw_lanes lanes, where R is not 0: lane (d, i) at (d*R + i) * bits. Of act with
    // share_weights one for every dot product d, else one for both; of wgt the other way around.
    hdl::Sig act, wgt;
    // Of lut_lanes, where there are any, one after the other, for every d in the same way:
    // prepare_activations, skew_weights.
    hdl::Sig prepared, skewed;
  };
  struct Out {
    hdl::Sig sum;    // dot product d at d * columns, less its constant and spare bit; modulo 2^columns
    hdl::Sig spare;  // bit d, of weight 1, is still to be added to dot product d; where a tree leaves one
  };
  static std::string name(const Params& p);
  static int lut_act_bits(const Params& p);  // prepared bits of one dot product
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    const int pixels = p.share_weights ? p.dots : 1, kernels = p.share_weights ? 1 : p.dots;
    if (p.raw_lanes() > 0) {
      io.in("act", &In::act, hdl::u(pixels * p.raw_lanes() * p.act_bits));
      io.in("wgt", &In::wgt, hdl::u(kernels * p.raw_lanes() * p.weight_bits));
    }
    if (lut_act_bits(p) > 0) {
      io.in("prepared", &In::prepared, hdl::u(pixels * lut_act_bits(p)));
      io.in("skewed", &In::skewed, hdl::u(kernels * (p.s - p.slices) * p.weight_bits));
    }
    if (spec::plan_product_dot(p).spare_bits() > 0) io.out("spare", &Out::spare, hdl::u(p.dots));
    io.out("sum", &Out::sum, hdl::u(p.dots * spec::plan_product_dot(p).columns()));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
