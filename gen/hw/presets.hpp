// The values that accumulators begin a tile with (spec/presets.hpp): a table by tile, and where it stands.
//
//   cycle     0        1          2
//             advance  next tile  its values
//
//   latency   spec::kPresetLatency   interval 2
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/presets.hpp"

namespace elb::hw {

struct Presets {
  using Params = spec::PresetParams;
  struct In {
    hdl::Sig advance = {};  // this tile's values have been taken; only where there are several
  };
  struct Out {
    hdl::Sig values;  // lane p at p * bits
  };
  static std::string name(const Params& p) { return p.module; }
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    if (p.tiles > 1) io.in("advance", &In::advance, hdl::u(1));
    io.out("out_values", &Out::values, hdl::u(p.p * p.bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
