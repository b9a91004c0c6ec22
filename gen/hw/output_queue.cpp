#include "hw/output_queue.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using hdl::Reg;
using hdl::Sig;
using hdl::u;

std::string OutputQueue::name(const Params& p) {
  const spec::Link& l = p.link;
  return fmt::format("elb_queue_{}x{}x{}_m{}_p{}_l{}_b{}_k{}_g{}_d{}", l.h, l.w, l.c, p.m, p.p, l.channels, l.bits, p.kernels, p.groups, p.depth);
}

OutputQueue::Out OutputQueue::build(hdl::Module& m, const Params& p, const In& in) {
  const spec::Link& link = p.link;
  ELB_ASSERT(link.columns == p.m && link.channels <= p.p, "a beat holds M columns and at most P channels");
  ELB_ASSERT(p.groups == 1 || p.kernels % link.channels == 0, "with groups, L divides a group's kernels");
  ELB_ASSERT(p.tiles() == 1 || p.p % link.channels == 0, "with several tiles, L divides P");
  m.doc({.purpose = "results of a tile, cut into beats of a link and queued",
         .params = fmt::format("m={} p={} kernels={} groups={} L={} depth={}", p.m, p.p, p.kernels, p.groups, link.channels, p.depth)});
  const int beats = p.beats();
  const int tail_kernels = p.kernels - (p.tiles() - 1) * p.p;
  const int tail_beats = static_cast<int>(ceil_div(tail_kernels, link.channels));
  const LoopCounter tile = loop_counter(m, "tile_q", p.tiles());
  const LoopCounter place = loop_counter(m, "place_q", int64_t{link.h} * link.column_groups() * p.groups);

  // The lanes of beat j of a tile; lanes behind P are zero.
  const auto beat_of = [&](Sig data, int j) {
    std::vector<Sig> lanes;
    for (int v = 0; v < p.m; ++v) {
      for (int l = 0; l < link.channels; ++l) {
        const int kernel = j * link.channels + l;
        lanes.push_back(kernel < p.p ? data.lane(v * p.p + kernel, link.bits) : m.lit(0, u(link.bits)));
      }
    }
    return pack(lanes);
  };
  Sig push = in.valid, data = beat_of(in.data, 0);
  Cond tile_done = in.valid, beat_last = true;
  if (beats > 1) {
    const Reg held = m.reg("held_q", u(p.m * p.p * link.bits), {std::nullopt});
    m.when(in.valid, [&] { held.next(in.data); });
    const Reg beat = m.reg("beat_q", u(bits_for(beats - 1)));  // the next beat of the held tile; 0: none
    const Sig count = choose(tile.last, m.lit(tail_beats, u(bits_for(beats))), m.lit(beats, u(bits_for(beats))));
    const Sig done = (beat + 1 == count).named("beat_last");
    const Sig single = (count == 1).named("tile_single");
    m.when(in.valid, [&] { beat.next(mux(single, 0, 1)); }).otherwise_when(beat != 0, [&] {
      beat.next(mux(done, m.lit(0, beat.shape()), (beat + 1).trunc(beat.width())));
    });
    std::vector<Sig> choices{data};
    for (int j = 1; j < beats; ++j) choices.push_back(beat_of(held, j));
    data = index(choices, beat);
    push = in.valid | (beat != 0);
    beat_last = mux(in.valid, single, done);
    tile_done = push & beat_last.sig(m);
  }
  tile.advance(m, tile_done);
  place.advance(m, tile_done & tile.last);
  const Sig last = (beat_last & tile.last & place.last).sig(m);
  const hdl::Stream beats_in = m.stream("beat", {.data = u(link.data_bits()), .last = true}, push, {data, last});
  const hdl::Stream out = beats_in.fifo(p.depth);
  return {out, out.fire()};
}

}  // namespace elb::hw
