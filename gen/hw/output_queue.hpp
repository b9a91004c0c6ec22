// The output queue of a stage: tiles of M columns x P kernels become beats of M columns x L channels in a
// FIFO (timing and shapes: spec/output_queue.hpp).
//
//   tile lane (m, p) at (m*P + p) * bits   ->   beat j, lane (v, l) at (v*L + l) * bits:
//                                               tile lane (v, j*L + l)
//
// Beat 0 goes straight into the FIFO, the others wait in a shift register. `last` comes from counters.
#pragma once
#include <string>

#include "hdl/component.hpp"
#include "hw/cond.hpp"
#include "hw/link_stream.hpp"
#include "spec/output_queue.hpp"

namespace elb::hw {

struct OutputQueue {
  using Params = spec::OutputQueueParams;
  struct In {
    hdl::Sig valid;  // a tile arrives in this cycle
    hdl::Sig tile;
  };
  struct Out {
    hdl::Stream out;
    hdl::Sig pop;  // a beat leaves in this cycle: a credit in the next
  };
  static std::string name(const Params& p);
  template <class Io>
  static void ports(const Params& p, Io&& io) {
    io.in("valid", &In::valid, hdl::u(1));
    io.in("tile", &In::tile, hdl::u(p.m * p.p * p.link.bits));
    io.stream_out("out", &Out::out, link_shape(p.link));
    io.out("pop", &Out::pop, hdl::u(1));
  }
  static Out build(hdl::Module& m, const Params& p, const In& in);
};

// The beats of tiles: beat 0 passes with the tile, the others follow from a shift register, one per cycle. A
// tile's `mark` is kept under `mark_name` while they do.
struct TileBeats {
  hdl::Sig push, data;
  Cond alone;             // the tile that arrives has one beat
  hdl::Sig last_waiting;  // where tiles may have several: the last beat that followed is pushed, of the tile
  hdl::Sig held_mark;     // with this mark
};
TileBeats serialize_tile(hdl::Module& m, const spec::OutputQueueParams& p, hdl::Sig valid, hdl::Sig tile,
                         const Cond& last_fold, const std::string& mark_name, const Cond& mark);

// The credits of the FIFO behind an issue point: `ok` when at least `need` beats are free. A tile that issues
// takes `need` at once; a pop at t shows at t+1.
struct Credits {
  hdl::Sig ok;
  void connect(hdl::Sig issue, hdl::Sig pop) const;  // exactly once
  hdl::Wire issue_wire, pop_wire;
};
Credits credits(hdl::Module& m, int depth, int need);

}  // namespace elb::hw
