// A dot product in plain arithmetic: the sum of all terms in one cycle, then registers until it is as late as
// asked. What simulators read for dot products whose cells are chosen by hand (select_dot.hpp,
// product_dot.hpp); nobody synthesises it.
//
//   latency   Params::latency, at least 1   interval 1
//   cycle     0         1                   ..  latency
//             act, wgt  the sum             ..  the sum
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/dot.hpp"

namespace elb::hw {

struct PlainDot {
  struct Params {
    spec::DotParams dot;
    int latency = 1;
    bool operator==(const Params&) const = default;
  };
  using In = Dot::In;
  using Out = Dot::Out;
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    Dot::ports(p.dot, io);
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

// The same without a module of its own; registers sum_1 .. sum_<latency> in m.
hdl::Sig plain_sum(hdl::Module& m, const PlainDot::Params& p, const Dot::In& in);

}  // namespace elb::hw
