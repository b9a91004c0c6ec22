// Beats of V columns leave as beats of Vw columns (rules and timing: spec/columns.hpp).
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/link_stream.hpp"
#include "spec/columns.hpp"

namespace elb::hw {

struct SplitColumns {
  using Params = spec::SplitColumnsParams;
  struct In {
    hdl::Stream in;
  };
  struct Out {
    hdl::Stream out;
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("in", &In::in, link_shape(p.link));
    io.stream_out("out", &Out::out, link_shape(p.link.channels * p.sub_columns * p.link.bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
