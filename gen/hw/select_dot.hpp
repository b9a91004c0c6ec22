// Dot product of S activations and S binary or ternary weights in LUT6_2 and carry chains:
// spec/select_dot.hpp. The same sum as `Dot`, wrapping at the same width, at another latency.
//
//   latency   spec::latency(plan_select_dot(DotParams))   interval 1
//   cycle     0         1                       2 ..                    latency
//   S = 8     act, wgt  t0 + t1, t2 + t3, ..    chains of counters      sum          (next word's sum)
//
// A level is leaves (rtl_templates/prim) and a register behind each; bits that no leaf takes wait in one
// register per level.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/dot.hpp"
#include "spec/select_dot.hpp"

namespace elb::hw {

struct SelectDot {
  using Params = spec::DotParams;
  using In = Dot::In;
  using Out = Dot::Out;
  static std::string name(const Params& p) { return dot_name("elb_select_dot", p); }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    Dot::ports(p, io);
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
  static bool is_mapped(const Params&) { return true; }
  static Out behaviour(hdl::Module& m, const Params& p, const In& in);  // a PlainDot
};

}  // namespace elb::hw
