#include "hw/output_queue.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"
#include "hw/fifo.hpp"

namespace elb::hw {

using namespace hdl;

namespace {

// Beat j of a tile; channels beyond P as 0.
Sig beat_of(Module& m, const OutputQueue::Params& p, Sig tile, int j) {
  const int l = p.link.channels, bits = p.link.bits;
  std::vector<Sig> columns;
  for (int v = 0; v < p.m; ++v) {
    const int first = j * l, count = std::min(l, p.p - first);
    const Sig part = tile.slice((v * p.p + first) * bits, count * bits);
    columns.push_back(count == l ? part : cat({m.lit(0, u((l - count) * bits)), part}));
  }
  return pack(columns);
}

}  // namespace

TileBeats serialize_tile(Module& m, const spec::OutputQueueParams& p, Sig valid, Sig tile,
                         const Cond& last_fold, const std::string& mark_name, const Cond& mark) {
  const int beats = spec::beats_per_tile(p);
  if (beats == 1)
    return {
        .push = valid, .data = beat_of(m, p, tile, 0), .alone = true, .last_waiting = {}, .held_mark = {}};
  const int beats_in_last = spec::beats_of_tile(p, spec::kernel_folds(p) - 1);
  const Reg left = m.reg("beats_left", u(bits_for(beats - 1)));
  const Reg held_mark = m.reg(mark_name, u(1));
  const Sig more = (left != 0).named("more");
  m.when(valid, [&] {
     left.next(choose(last_fold, m.lit(beats_in_last - 1, left.shape()), m.lit(beats - 1, left.shape())));
     held_mark.next(mark.sig(m));
   }).otherwise_when(more, [&] { left.next((left - 1).trunc(left.shape())); });
  Sig behind;
  for (int j = beats - 1; j >= 1; --j) {
    const Sig mine = beat_of(m, p, tile, j);
    const Reg beat = m.reg(fmt::format("beat_{}", j), mine.shape(), {.reset = std::nullopt});
    if (behind.is_set()) {
      beat.next(mux(valid, mine, behind));
    } else {
      m.when(valid, [&] { beat.next(mine); });
    }
    behind = beat;
  }
  const Cond alone = beats_in_last == 1 ? last_fold : Cond(false);
  const Sig push = valid | more;
  const Sig data = mux(valid, beat_of(m, p, tile, 0), behind);
  return {.push = push, .data = data, .alone = alone, .last_waiting = left == 1, .held_mark = held_mark};
}

std::string OutputQueue::name(const Params& p) {
  const spec::Link& l = p.link;
  return fmt::format("elb_queue_{}x{}x{}_m{}_p{}_l{}_w{}_k{}_g{}_d{}", l.h, l.w, l.c, p.m, p.p, l.channels,
                     l.bits, p.kernels, p.groups, p.depth);
}

OutputQueue::Out OutputQueue::build(Module& m, const Params& p, const In& in) {
  const std::string error = spec::output_queue_error(p);
  ELB_ASSERT(error.empty(), error);
  m.doc({.purpose = "tiles become beats in the output FIFO",
         .params = fmt::format("columns={} kernels={}/{} groups={} lanes={}x{} depth={}", p.m, p.p, p.kernels,
                               p.groups, p.link.channels, p.link.bits, p.depth),
         .latency = spec::FifoTiming::kPushToPop,
         .interval = spec::beats_per_tile(p)});
  const LoopCounter fold = loop_counter(m, "kernel_fold", spec::kernel_folds(p));
  const LoopCounter group = loop_counter(m, "group", int64_t{p.link.h} * p.link.column_groups() * p.groups);
  fold.advance(m, in.valid);
  group.advance(m, Cond(in.valid) & fold.last);
  const Cond frame_done = fold.last & group.last;
  const TileBeats beats = serialize_tile(m, p, in.valid, in.tile, fold.last, "frame_ends", frame_done);
  Cond last = frame_done;
  if (spec::beats_per_tile(p) > 1) {
    const Sig only = beats.alone.is_false() ? m.lit(0, u(1)) : frame_done.sig(m);
    last = mux(in.valid, only, beats.held_mark & beats.last_waiting);
  }
  const Stream results = m.stream("results", link_shape(p.link), beats.push, {beats.data, last.sig(m)});
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(p.link.data_bits(), p.depth), {results});
  return {.out = fifo.out, .pop = fifo.out.fire()};
}

void Credits::connect(Sig issue, Sig pop) const {
  issue_wire.drive(issue);
  pop_wire.drive(pop);
}

Credits credits(Module& m, int depth, int need) {
  ELB_ASSERT(need >= 1 && need <= depth, "a tile's beats fit into the output FIFO");
  const Reg left = m.reg("credits", u(bits_for(depth)), {.reset = depth});
  const Wire issue = m.wire("takes_credits", u(1)), pop = m.wire("gives_credit", u(1));
  m.when(issue & pop, [&] { left.next((left - (need - 1)).trunc(left.shape())); })
      .otherwise_when(issue, [&] { left.next((left - need).trunc(left.shape())); })
      .otherwise_when(pop, [&] { left.next((left + 1).trunc(left.width())); });
  return {.ok = left >= need, .issue_wire = issue, .pop_wire = pop};
}

}  // namespace elb::hw
