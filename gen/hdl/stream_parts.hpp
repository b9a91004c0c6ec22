// The modules behind Stream::fifo and Stream::reg_slice: one payload word in, one out.
//
// Cycle by cycle, for the FIFO (and the full slice): a word pushed in cycle t is valid at the output in t +
// 1; a place freed by a pop in t is offered as ready in t + 1. Both flags are registers. During reset neither
// side moves.
#pragma once
#include <string>

#include "hdl/component.hpp"

namespace elb::hdl {

struct FifoPart {
  struct Params {
    int width = 1;
    int depth = 1;
    RamStyle style = RamStyle::distributed;
    bool operator==(const Params&) const = default;
  };
  struct In {
    Stream s;
  };
  struct Out {
    Stream m;
  };
  static std::string name(const Params& p);  // elb_fifo_w9_d16, elb_fifo_w9_d16_block
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("s", &In::s, {.data = u(p.width)});
    io.stream_out("m", &Out::m, {.data = u(p.width)});
  }
  static Out build(Module& m, const Params& p, const In& in);
};

struct RegSlicePart {
  struct Params {
    int width = 1;
    Stream::Slice kind = Stream::Slice::full;
    bool operator==(const Params&) const = default;
  };
  using In = FifoPart::In;
  using Out = FifoPart::Out;
  static std::string name(const Params& p);  // elb_slice_full_w9
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.stream_in("s", &In::s, {.data = u(p.width)});
    io.stream_out("m", &Out::m, {.data = u(p.width)});
  }
  static Out build(Module& m, const Params& p, const In& in);
};

}  // namespace elb::hdl
