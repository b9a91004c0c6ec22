#include "hw/reorder_queue.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/block_ram.hpp"
#include "hw/fifo.hpp"
#include "hw/output_queue.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

struct Written {
  Sig push, address, data;
  Cond place_done;  // the last beat of a place is written in this cycle
};

// Beats into the ring.
Written write_side(Module& m, const ReorderQueue::Params& p, const ReorderQueue::In& in) {
  const spec::OutputQueueParams& q = p.queue;
  const int beats = spec::beats_per_tile(q),
            beats_in_last = spec::beats_of_tile(q, spec::kernel_folds(q) - 1);
  const int place_beats = q.link.channel_beats();
  const int64_t ring = spec::ring_beats(p);
  const int bits = bits_for(ring - 1);
  const LoopCounter fold = loop_counter(m, "kernel_fold", spec::kernel_folds(q));
  const LoopCounter group = loop_counter(m, "group", q.groups);
  const TileBeats b = serialize_tile(m, q, in.valid, in.tile, fold.last, "sweep_ends", Cond(in.sweep_end));
  Cond tile_end = true;  // with push
  Sig sweep_end = in.sweep_end;
  if (beats > 1) {
    tile_end = mux(in.valid, b.alone.sig(m), b.last_waiting);
    sweep_end = mux(in.valid, in.sweep_end, b.held_mark);
  }
  const Cond push = b.push, last_sweep = fold.last & group.last;
  const Cond ends_sweep = push & tile_end & Cond(sweep_end);
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
      const Sig step = choose(tile_end & !Cond(sweep_end), to_place, m.lit(1, u(bits_for(place_beats))));
      const Sig tile_beats =
          choose(fold.last, m.lit(beats_in_last, u(bits_for(beats))), m.lit(beats, u(bits_for(beats))));
      const Reg sweep_at = m.reg("sweep_at", u(bits));
      const Cond again = tile_end & Cond(sweep_end) & !last_sweep;
      const Sig moved = add_mod(m, address.value, step, ring);
      const Sig next_sweep_at = (sweep_at + tile_beats).trunc(bits);
      const Sig on = choose(again, next_sweep_at, moved);
      m.when(b.push, [&] { address.reg.next(on); });
      m.when(ends_sweep.sig(m), [&] { sweep_at.next(on); });
    }
  }
  return {
      .push = b.push, .address = address.value, .data = b.data, .place_done = push & tile_end & last_sweep};
}

}  // namespace

std::string ReorderQueue::name(const Params& p) {
  const spec::OutputQueueParams& q = p.queue;
  const spec::Link& l = q.link;
  return fmt::format("elb_reorder_{}x{}x{}_m{}_p{}_l{}_w{}_k{}_g{}_n{}_d{}", l.h, l.w, l.c, q.m, q.p,
                     l.channels, l.bits, q.kernels, q.groups, p.places, q.depth);
}

ReorderQueue::Out ReorderQueue::build(Module& m, const Params& p, const In& in) {
  const spec::OutputQueueParams& q = p.queue;
  spec::OutputQueueParams whole = q;  // tiles wait in the ring, not in the FIFO
  whole.depth = spec::beats_per_tile(q);
  const std::string error = spec::output_queue_error(whole);
  ELB_ASSERT(error.empty(), error);
  m.doc({.purpose = "tiles of sweeps become beats, place by place, in the output FIFO",
         .params = fmt::format("columns={} kernels={}/{} groups={} lanes={}x{} places={} depth={}", q.m, q.p,
                               q.kernels, q.groups, q.link.channels, q.link.bits, p.places, q.depth),
         .latency = spec::SweepTiming::kWriteToFetch + spec::SweepTiming::kFetchToPush +
                    spec::FifoTiming::kPushToPop,
         .interval = spec::beats_per_tile(q)});
  const Written written = write_side(m, p, in);

  // Whole places are fetched as fast as the output FIFO takes them.
  const Credits room = credits(m, q.depth, 1);
  const Reg complete = m.reg("complete_places", u(bits_for(p.places)));
  const Sig fetch = ((complete != 0) & room.ok).named("fetch");
  const LoopCounter at = loop_counter(m, "fetch_at", spec::ring_beats(p));
  const LoopCounter beat = loop_counter(m, "beat", q.link.channel_beats());
  const LoopCounter place = loop_counter(m, "place", int64_t{q.link.h} * q.link.column_groups());
  const Cond freed = Cond(fetch) & beat.last;
  at.advance(m, fetch);
  beat.advance(m, fetch);
  place.advance(m, freed);
  complete.next(
      ((complete + written.place_done.sig(m)) - freed.sig(m)).as_unsigned().trunc(complete.width()));

  const spec::MemoryStyle style = spec::ring_style(p);
  const Sig data = build_ram(m, "ring", {.width = q.link.data_bits(), .depth = spec::ring_beats(p)},
                             style == spec::MemoryStyle::block         ? RamStyle::block
                             : style == spec::MemoryStyle::distributed ? RamStyle::distributed
                                                                       : RamStyle::registers,
                             {.write_enable = written.push,
                              .write_address = written.address,
                              .write_data = written.data,
                              .read_name = "fetched_data",
                              .read_enable = fetch,
                              .read_address = at.value});
  const Reg fetched = m.reg("fetched", u(1));
  fetched.next(fetch);
  const Cond frame_end = beat.last & place.last;
  const Sig last = frame_end.is_true() ? m.lit(1, u(1)) : m.delay("fetched_last", frame_end.sig(m), 1);
  const Stream results = m.stream("results", link_shape(q.link), fetched, {data, last});
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(q.link.data_bits(), q.depth), {results});
  room.connect(fetch, fifo.out.fire());
  return {.out = fifo.out, .freed = freed.sig(m)};
}

}  // namespace elb::hw
