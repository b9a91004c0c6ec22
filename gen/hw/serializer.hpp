// The serialiser: a tile of M columns x P accumulators leaves as beats of M columns x L (timing and shapes:
// spec/serializer.hpp).
//
//   tile lane (m, p) at (m*P + p) * bits   ->   beat j, lane (v, l) at (v*L + l) * bits:
//                                               tile lane (v, j*L + l)
//
// What follows beat 0 is kept when the tile arrives; a counter chooses the beat, which is registered.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "spec/serializer.hpp"

namespace elb::hw {

struct Serializer {
  using Params = spec::SerializerParams;
  struct In {
    hdl::Sig valid;           // a tile arrives in this cycle
    hdl::Sig sweep_end = {};  // swept: it is its sweep's last
    hdl::Sig tile;
  };
  struct Out {
    hdl::Sig valid;
    hdl::Sig tile_end = {};   // swept: the beat is its tile's last
    hdl::Sig sweep_end = {};  // swept: and that of its sweep's last tile
    hdl::Sig beat;
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    if (p.swept) io.in("sweep_end", &In::sweep_end, hdl::u(1));
    io.in("tile", &In::tile, hdl::u(p.tile.m * p.tile.p * p.bits));
    io.out("out_valid", &Out::valid, hdl::u(1));
    if (p.swept) io.out("out_tile_end", &Out::tile_end, hdl::u(1));
    if (p.swept) io.out("out_sweep_end", &Out::sweep_end, hdl::u(1));
    io.out("out_beat", &Out::beat, hdl::u(p.tile.m * p.tile.l * p.bits));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

}  // namespace elb::hw
