// Product of one or two integer weights and activation codes (of two, their sum) in LUTs and carry chains:
// spec/lut_multiplier.hpp. What leaves is a bit per entry of spec::product_bits, each with a weight and a
// cycle; their weighted sum plus spec::product_constant is the product.
//
//   const Sig prepared = prepare_activations(m, "act_0", p, act);   // once per pixel
//   const Sig skewed = skew_weights(m, "wgt_0", p, wgt);            // once per kernel
//   const Sig bits = instantiate<LutMultiplier>(m, "u_0", p, {.act = prepared, .wgt = skewed}).product;
//
//   latency   spec::latency(p) from act and wgt    of the last bit   interval 1
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/lut_multiplier.hpp"

namespace elb::hw {

struct LutMultiplier {
  using Params = spec::LutMultiplierParams;
  struct In {
    hdl::Sig act;  // as prepare_activations makes it
    hdl::Sig wgt;  // as skew_weights makes it
  };
  struct Out {
    hdl::Sig product;
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("act", &In::act, hdl::u(spec::prepared_bits(p)));
    io.in("wgt", &In::wgt, hdl::u(p.lanes * p.weight_bits));
    io.out("product", &Out::product, hdl::u(static_cast<int>(spec::product_bits(p).size())));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

// Registers <name>_... in m that hold operands back until their rows read them. `act`: lane i at i *
// act_bits; `wgt`: lane i at i * weight_bits, two's complement. What skew_weights returns has the shape of
// `wgt`.
hdl::Sig prepare_activations(hdl::Module& m, const std::string& name, const LutMultiplier::Params& p,
                             hdl::Sig act);
hdl::Sig skew_weights(hdl::Module& m, const std::string& name, const LutMultiplier::Params& p, hdl::Sig wgt);

}  // namespace elb::hw
