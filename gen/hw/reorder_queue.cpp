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
  const LoopCounter fold = counter_with_last(m, "kernel_fold", spec::kernel_folds(t));
  const LoopCounter group = counter_with_last(m, "group", t.groups);
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

  if (place_beats == beats) {
    // One sweep: beats lie in the order in which they come.
    const LoopCounter address = counter_with_last(m, "write_at", ring);
    address.advance(m, push);
    return {.address = address.value, .place_done = push & tile_end};
  }
  const int bits = bits_for(ring - 1);
  const Reg address = m.reg("write_at", u(bits)), sweep_at = m.reg("sweep_at", u(bits));
  // From a tile's last beat to the next place's tile of this sweep, else one further; and to the first
  // place's tile of the next sweep, which lies as far into its place as all before it.
  const Cond to_place = tile_end & !Cond(in.sweep_end);
  const Sig moved = add_mod(m, address, {1, place_beats - beats + 1, place_beats - beats_in_last + 1}, ring,
                            [&](const std::vector<Sig>& step) {
                              return choose(to_place, choose(fold.last, step[2], step[1]), step[0]);
                            });
  const Sig tile_beats =
      choose(fold.last, m.lit(beats_in_last, u(bits_for(beats))), m.lit(beats, u(bits_for(beats))));
  const Sig next_sweep_at = (sweep_at + tile_beats).trunc(bits);
  const Sig on = choose(Cond(in.sweep_end) & !last_sweep, next_sweep_at, moved);
  m.when(in.valid, [&] { address.next(on); });
  m.when(ends_sweep.sig(m), [&] { sweep_at.next(on); });
  return {.address = address, .place_done = push & tile_end & last_sweep};
}

}  // namespace

std::string ReorderQueue::name(const Params& p) {
  const spec::TileBeats& t = p.tile;
  const spec::Link& l = p.link;
  return fmt::format("elb_reorder_{}x{}x{}_m{}_p{}_l{}_w{}_k{}_g{}_n{}_d{}{}", l.h, l.w, l.c, t.m, t.p,
                     l.channels, l.bits, t.kernels, t.groups, p.places, p.depth, p.ultra ? "_ultra" : "");
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
  const Reg waits = m.reg("place_waits", u(1));  // complete places, one at least
  const Sig fetch = (waits & room.ok).named("fetch");
  const LoopCounter at = counter_with_last(m, "fetch_at", spec::ring_beats(p));
  const LoopCounter beat = counter_with_last(m, "pixel_beat", p.link.channel_beats());
  const LoopCounter place = counter_with_last(m, "place", int64_t{p.link.h} * p.link.column_groups());
  const Cond freed = Cond(fetch) & beat.last;
  at.advance(m, fetch);
  beat.advance(m, fetch);
  place.advance(m, freed);
  const Sig done = written.place_done.sig(m);
  count(m, complete, done, freed.sig(m));
  waits.next(done | mux(freed.sig(m), complete != 1, waits));

  const Sig data = build_ram(m, "ring", {.width = p.link.data_bits(), .depth = spec::ring_beats(p)},
                             ram_style(spec::ring_style(p)),
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
