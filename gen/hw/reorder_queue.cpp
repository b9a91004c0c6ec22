#include "hw/reorder_queue.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/block_ram.hpp"
#include "hw/cond.hpp"
#include "hw/fifo.hpp"
#include "hw/output_queue.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

struct Written {
  Sig address;
  Cond place_done;  // the last beat of a place is written in this cycle
};

// Beats into the ring.
Written write_side(Module& m, const ReorderQueue::Params& p, const ReorderQueue::In& in) {
  const spec::TileBeats& t = p.tile;
  const int beats = spec::beats_per_tile(t), beats_in_last = spec::beats_of_last(t);
  const int place_beats = p.link.channel_beats();
  const int64_t ring = spec::ring_beats(p);
  const int bits = bits_for(ring - 1);
  const LoopCounter fold = loop_counter(m, "kernel_fold", spec::kernel_folds(t));
  const LoopCounter group = loop_counter(m, "group", t.groups);
  Cond tile_end = true;
  if (beats > 1) {
    const Reg at = m.reg("tile_beat", u(bits_for(beats - 1)));
    const Sig of_any = at == beats - 1;
    tile_end = beats_in_last == beats ? of_any : choose(fold.last, at == beats_in_last - 1, of_any);
    m.when(in.valid, [&] { at.next(choose(tile_end, m.lit(0, at.shape()), (at + 1).trunc(at.width()))); });
  }
  const Cond push = in.valid, last_sweep = fold.last & group.last;
  const Cond ends_sweep = push & Cond(in.sweep_end);
  fold.advance(m, ends_sweep);
  group.advance(m, ends_sweep & fold.last);

  const LoopCounter address = loop_counter(m, "write_at", ring);
  if (ring > 1) {
    if (place_beats == beats) {
      // One sweep: beats lie in the order in which they come.
      address.advance(m, push);
    } else {
      const auto step_of = [&](int n) { return m.lit(place_beats - n + 1, u(bits_for(place_beats))); };
      // From a tile's last beat to the next place's tile of this sweep, and to the first place's of the next
      // one.
      const Sig to_place = choose(fold.last, step_of(beats_in_last), step_of(beats));
      const Sig step = choose(tile_end & !Cond(in.sweep_end), to_place, m.lit(1, u(bits_for(place_beats))));
      const Sig tile_beats =
          choose(fold.last, m.lit(beats_in_last, u(bits_for(beats))), m.lit(beats, u(bits_for(beats))));
      const Reg sweep_at = m.reg("sweep_at", u(bits));
      const Cond again = Cond(in.sweep_end) & !last_sweep;
      const Sig moved = add_mod(m, address.value, step, ring);
      const Sig next_sweep_at = (sweep_at + tile_beats).trunc(bits);
      const Sig on = choose(again, next_sweep_at, moved);
      m.when(in.valid, [&] { address.reg.next(on); });
      m.when(ends_sweep.sig(m), [&] { sweep_at.next(on); });
    }
  }
  return {.address = address.value, .place_done = push & tile_end & last_sweep};
}

}  // namespace

std::string ReorderQueue::name(const Params& p) {
  const spec::TileBeats& t = p.tile;
  const spec::Link& l = p.link;
  return fmt::format("elb_reorder_{}x{}x{}_m{}_p{}_l{}_w{}_k{}_g{}_n{}_d{}", l.h, l.w, l.c, t.m, t.p,
                     l.channels, l.bits, t.kernels, t.groups, p.places, p.depth);
}

ReorderQueue::Out ReorderQueue::build(Module& m, const Params& p, const In& in) {
  const spec::TileBeats& t = p.tile;
  const std::string error = spec::tile_beats_error(t);
  ELB_ASSERT(error.empty(), error);
  ELB_ASSERT(p.link.columns == t.m && p.link.channels == t.l && p.link.c == t.kernels * t.groups,
             "the link carries the beats of the tiles");
  m.doc({.purpose = "beats of sweeps leave place by place through the output FIFO",
         .params = fmt::format("columns={} kernels={}/{} groups={} lanes={}x{} places={} depth={}", t.m, t.p,
                               t.kernels, t.groups, t.l, p.link.bits, p.places, p.depth),
         .latency = spec::SweepTiming::kWriteToFetch + spec::SweepTiming::kFetchToPush +
                    spec::FifoTiming::kPushToPop,
         .interval = 1});
  const Written written = write_side(m, p, in);

  // Whole places are fetched as fast as the output FIFO takes them.
  const Credits room = credits(m, p.depth, 1);
  const Reg complete = m.reg("complete_places", u(bits_for(p.places)));
  const Sig fetch = ((complete != 0) & room.ok).named("fetch");
  const LoopCounter at = loop_counter(m, "fetch_at", spec::ring_beats(p));
  const LoopCounter beat = loop_counter(m, "pixel_beat", p.link.channel_beats());
  const LoopCounter place = loop_counter(m, "place", int64_t{p.link.h} * p.link.column_groups());
  const Cond freed = Cond(fetch) & beat.last;
  at.advance(m, fetch);
  beat.advance(m, fetch);
  place.advance(m, freed);
  complete.next(
      ((complete + written.place_done.sig(m)) - freed.sig(m)).as_unsigned().trunc(complete.width()));

  const spec::MemoryStyle style = spec::ring_style(p);
  const Sig data = build_ram(m, "ring", {.width = p.link.data_bits(), .depth = spec::ring_beats(p)},
                             style == spec::MemoryStyle::block         ? RamStyle::block
                             : style == spec::MemoryStyle::distributed ? RamStyle::distributed
                                                                       : RamStyle::registers,
                             {.write_enable = in.valid,
                              .write_address = written.address,
                              .write_data = in.beat,
                              .read_name = "fetched_data",
                              .read_enable = fetch,
                              .read_address = at.value});
  const Reg fetched = m.reg("fetched", u(1));
  fetched.next(fetch);
  const Cond frame_end = beat.last & place.last;
  const Sig last = frame_end.is_true() ? m.lit(1, u(1)) : m.delay("fetched_last", frame_end.sig(m), 1);
  const Stream results = m.stream("results", link_shape(p.link), fetched, {data, last});
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(p.link.data_bits(), p.depth), {results});
  room.connect(fetch, fifo.out.fire());
  return {.out = fifo.out, .freed = freed.sig(m)};
}

}  // namespace elb::hw
