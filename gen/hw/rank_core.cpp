#include "hw/rank_core.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

std::string RankCore::name(const Params& p) {
  return fmt::format("elb_rank_n{}_l{}_{}{}_k{}", p.values, p.lanes, p.is_signed ? "s" : "u", p.bits, p.k);
}

RankCore::Out RankCore::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(p.k >= 1 && p.k <= p.values, "a frame has at least k values");
  m.doc({.purpose = fmt::format("indices of the {} largest of {} values", p.k, p.values),
         .params = fmt::format("lanes={} bits={}", p.lanes, p.bits)});
  // The list is whole, or its copy on the way out has not been taken.
  const Reg busy = m.reg("busy", u(1));
  const Reg out_valid = m.reg("out_valid", u(1));
  const Reg out_indices = m.reg("out_indices", u(p.k * p.index_bits()), {.reset = std::nullopt});
  const Stream out = m.stream("best", {.data = u(p.k * p.index_bits())}, out_valid, {out_indices});

  // The beat: lane 0 is the next value, `held` lanes are still to come.
  const Reg held = m.reg("held", u(p.lanes));
  const Reg beat = m.reg("beat", u(p.lanes * p.bits), {.reset = std::nullopt});
  // One bit tells the last of few values too: a lane's multiplexer is a LUT together with what chooses.
  const LoopCounter position = counter_with_last(m, "position", p.values, 2);
  const Cond at_last = position.last;
  // The value at hand: one of a frame, its last, or none.
  const Reg inner = m.reg("inner", u(1));
  const Reg last = m.reg("last", u(1));
  const Reg value = m.reg("value", u(p.bits), {.reset = std::nullopt});
  const Reg index = m.reg("index", u(p.index_bits()), {.reset = std::nullopt});

  // It goes in: the last of a frame as soon as the list is free.
  const Reg moves = m.reg("moves", u(1), {.reset = 1});  // ~(last & busy)
  const Sig done = (last & moves).named("done");
  const Sig steps = (~held[0] | moves).named("steps");
  const Sig arrives = (held[0] & moves).named("arrives");
  const Cond beat_ends = at_last | (p.lanes > 1 ? Cond(~held[1]) : Cond(true));
  const Sig loads = (~held[0] | (Cond(moves) & beat_ends).sig(m)).named("loads");
  in.values.drive_ready(loads);
  m.when(steps, [&] {
    const Sig arrived = replicate(in.values.valid(), p.lanes);
    if (p.lanes == 1) {
      held.next(arrived);
      beat.next(in.values.data());
      return;
    }
    // Nothing comes behind the highest lane, so it may take what arrives at any time.
    const int above = (p.lanes - 1) * p.bits;
    held.next(mux(loads, arrived, held.slice(1, p.lanes - 1).ext(held.shape())));
    beat.next(cat({in.values.data().slice(above, p.bits),
                   mux(loads, in.values.data().slice(0, above), beat.slice(p.bits, above))}));
  });
  position.advance(m, arrives);

  const Sig next = beat.slice(0, p.bits);
  const Cond next_is_last = Cond(held[0]) & at_last, next_is_inner = Cond(held[0]) & !at_last;
  m.when(moves, [&] {
    inner.next(next_is_inner.sig(m));
    last.next(next_is_last.sig(m));
    value.next(next);
    index.next(position.value);
  });

  // A value is compared with the list as it is, and with the value that goes in meanwhile. Where that one has
  // beaten an entry, what stands there now was the entry before or is that value; it beats an entry as well
  // whoever beats the one before.
  const Sig ends = (next_is_last & moves).sig(m).named("ends");
  const Sig inserts = (inner | done).named("inserts");
  const auto ordered = [&](Sig v) {
    return p.is_signed ? v ^ m.lit(int64_t{1} << (p.bits - 1), v.shape()) : v;
  };
  const Reg above_value = m.reg("above_value", u(1), {.reset = std::nullopt});
  m.when(moves, [&] { above_value.next(ordered(next) > ordered(value)); });
  std::vector<Sig> best;
  Sig beats_before, value_before, index_before, used_before, above_before;
  for (int r = 0; r < p.k; ++r) {
    const auto name = [r](const char* what) { return fmt::format("{}_{}", what, r); };
    const Reg used = m.reg(name("used"), u(1));
    const Reg entry = m.reg(name("value"), u(p.bits));
    const Reg entry_index = m.reg(name("index"), u(p.index_bits()), {.reset = std::nullopt});
    const Reg above = m.reg(name("above"), u(1), {.reset = std::nullopt});
    const Reg beaten = m.reg(name("beaten"), u(1), {.reset = std::nullopt});  // by the value before
    const Sig above_now = mux(beaten, above_value, above);
    const Sig beats = (r == 0 ? above_now : above_before | above_now).named(name("beats"));
    m.when(moves, [&] {
      above.next(cat({m.lit(1, u(1)), ordered(next)}) > cat({used, ordered(entry)}));
      beaten.next(beats & inner);
    });
    m.when(inserts & beats, [&] {
      entry.next(r == 0 ? Sig(value) : mux(beats_before, value_before, value));
      entry_index.next(r == 0 ? Sig(index) : mux(beats_before, index_before, index));
    });
    m.when(ends, [&] { used.next(0); }).otherwise_when(inner, [&] {
      used.next(r == 0 ? m.lit(1, u(1)) : used_before);
    });
    best.push_back(entry_index);
    beats_before = beats, value_before = entry, index_before = entry_index;
    used_before = used, above_before = above;
  }

  const Sig leaves = (out_valid & out.ready()).named("leaves");
  const Sig stays_busy = (busy & ~leaves).named("stays_busy");
  const Sig busy_next = (done | stays_busy).named("busy_next");
  busy.next(busy_next);
  out_valid.next(stays_busy);
  moves.next(~((Cond(~moves) | next_is_last).sig(m) & busy_next));
  m.when(busy & ~out_valid, [&] { out_indices.next(pack(best)); });
  return {.indices = out};
}

}  // namespace elb::hw
