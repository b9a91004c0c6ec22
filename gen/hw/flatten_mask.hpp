// Lanes of a link that lie beyond its map (x >= W, c >= C) become code 0: needed where a reader takes all
// lanes of all beats in the order of arrival. Valid and ready pass; no cycle is added.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/link_stream.hpp"

namespace elb::hw {

struct FlattenMask {
  struct Params {
    spec::Link link;
    bool operator==(const Params&) const = default;
  };
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
    io.stream_out("out", &Out::out, link_shape(p.link));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
