#include "hw/output_queue.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "hw/cond.hpp"
#include "hw/fifo.hpp"

namespace elb::hw {

using namespace hdl;

std::string OutputQueue::name(const Params& p) {
  const spec::Link& l = p.link;
  return fmt::format("elb_queue_{}x{}x{}_v{}_l{}_w{}_d{}", l.h, l.w, l.c, l.columns, l.channels, l.bits,
                     p.depth);
}

OutputQueue::Out OutputQueue::build(Module& m, const Params& p, const In& in) {
  const spec::Link& l = p.link;
  m.doc({.purpose = "beats into the output FIFO",
         .params = fmt::format("map={}x{}x{} lanes={}x{}x{} depth={}", l.h, l.w, l.c, l.columns, l.channels,
                               l.bits, p.depth),
         .latency = spec::FifoTiming::kPushToPop,
         .interval = 1});
  const LoopCounter beat = counter_with_last(m, "pixel_beat", l.channel_beats());
  const LoopCounter place = counter_with_last(m, "place", int64_t{l.h} * l.column_groups());
  beat.advance(m, in.valid);
  place.advance(m, Cond(in.valid) & beat.last);
  const Cond last = beat.last & place.last;
  const Stream results = m.stream("results", link_shape(l), in.valid, {in.beat, last.sig(m)});
  const Fifo::Out fifo = instantiate<Fifo>(m, "u_fifo", spec::fifo(l.data_bits(), p.depth), {results});
  return {.out = fifo.out, .pop = fifo.out.fire()};
}

void Credits::connect(Sig issue, Sig pop) const {
  issue_wire.drive(issue);
  pop_wire.drive(pop);
}

Credits credits(Module& m, int depth, int need) {
  ELB_ASSERT(need >= 1 && need <= depth, "a tile's beats fit into the output FIFO");
  const Reg left = m.reg("credits", u(bits_for(depth)), {.reset = depth});
  const Reg ok = m.reg("credits_ok", u(1), {.reset = 1});
  const Wire issue = m.wire("takes_credits", u(1)), pop = m.wire("gives_credit", u(1));
  m.when(issue & pop, [&] { left.next((left - (need - 1)).trunc(left.shape())); })
      .otherwise_when(issue, [&] { left.next((left - need).trunc(left.shape())); })
      .otherwise_when(pop, [&] { left.next((left + 1).trunc(left.width())); });
  const Suffices enough = credits_suffice(m, left, need, issue, need, need, true);
  ok.next(mux(pop, enough.popped, enough.kept));
  return {.ok = ok, .issue_wire = issue, .pop_wire = pop};
}

void count(Module& m, const Reg& left, Sig up, Sig down) {
  const Sig step = mux(up, m.lit(1, left.shape()), m.lit((int64_t{1} << left.width()) - 1, left.shape()));
  m.when(up ^ down, [&] { left.next((left + step).trunc(left.width())); });
}

Suffices credits_suffice(Module& m, Sig left, int64_t need, Sig issue, int take, int take_last,
                         const Cond& last, Sig more) {
  const auto here = [&](int64_t n) {
    return n <= 0 ? Cond(true) : bits_for(n) > left.width() ? Cond(false) : Cond(left >= n);
  };
  const auto at_least = [&](int64_t n) -> Cond {
    return more.is_set() ? Cond(mux(more, here(n - 1).sig(m), here(n).sig(m))) : here(n);
  };
  const auto after = [&](int given) {
    const Cond kept = at_least(need - given), taken = at_least(need + take - given);
    const Cond taken_last = take == take_last ? taken : at_least(need + take_last - given);
    const Sig behind = choose(last, taken_last.sig(m), taken.sig(m));
    return choose(Cond(issue), behind, kept.sig(m));
  };
  return {.popped = after(1), .kept = after(0)};
}

}  // namespace elb::hw
