#include "hw/rank_core.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"

namespace elb::hw {

using namespace hdl;

std::string RankCore::name(const Params& p) {
  return fmt::format("elb_rank_n{}_l{}_{}{}_k{}", p.values, p.lanes, p.is_signed ? "s" : "u", p.bits, p.k);
}

RankCore::Out RankCore::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(p.k >= 1 && p.k <= p.values, "a frame has at least k values");
  m.doc({.purpose = fmt::format("indices of the {} largest of {} values", p.k, p.values),
         .params = fmt::format("lanes={} bits={}", p.lanes, p.bits)});
  const Reg out_valid = m.reg("out_valid", u(1));
  const Reg out_indices = m.reg("out_indices", u(p.k * p.index_bits()), {.reset = std::nullopt});
  const Stream out = m.stream("best", {.data = u(p.k * p.index_bits())}, out_valid, {out_indices});

  // The beat at hand: lane 0 is the next value, `left` of them are still to come.
  const Reg left = m.reg("left", u(bits_for(p.lanes)));
  const Reg beat = m.reg("beat", u(p.lanes * p.bits), {.reset = std::nullopt});
  const Reg position = m.reg("position", u(p.index_bits()));
  const Sig at_end = (position == p.values - 1).named("at_end");
  const Sig waits = at_end & out_valid & ~out.ready();
  const Sig take = ((left != 0) & ~waits).named("take");
  const Sig done = (take & at_end).named("done");
  const Sig ready = (left == 0) | ((left == 1) & ~at_end);
  in.values.drive_ready(ready);

  m.when(in.values.valid() & ready,
         [&] {
           left.next(p.lanes);
           beat.next(in.values.data());
         })
      .otherwise_when(done, [&] { left.next(0); })
      .otherwise_when(take, [&] {
        left.next((left - 1).trunc(left.shape()));
        if (p.lanes > 1) beat.next(beat.slice(p.bits, (p.lanes - 1) * p.bits).ext(beat.shape()));
      });
  m.when(done, [&] { position.next(0); }).otherwise_when(take, [&] {
    position.next((position + 1).trunc(position.width()));
  });

  const Sig lowest = beat.slice(0, p.bits);
  const Sig value = p.is_signed ? lowest.as_signed() : lowest;
  std::vector<Sig> best;
  Sig beats_above, value_above, index_above, used_above;
  for (int r = 0; r < p.k; ++r) {
    const Reg used = m.reg(fmt::format("used_{}", r), u(1));
    const Reg entry = m.reg(fmt::format("value_{}", r), value.shape(), {.reset = std::nullopt});
    const Reg index = m.reg(fmt::format("index_{}", r), u(p.index_bits()), {.reset = std::nullopt});
    const Sig beats = (~used | (value > entry)).named(fmt::format("beats_{}", r));
    const Sig moved_value = r == 0 ? value : mux(beats_above, value_above, value);
    const Sig moved_index = r == 0 ? Sig(position) : mux(beats_above, index_above, position);
    const Sig next_index = mux(beats, moved_index, index);
    m.when(take & beats, [&] {
      entry.next(moved_value);
      index.next(moved_index);
    });
    // An entry that moves up brings its use along; the new value is one.
    const Sig next_used = r == 0 ? m.lit(1, u(1)) : used | (beats & (~beats_above | used_above));
    m.when(done, [&] { used.next(0); }).otherwise_when(take, [&] { used.next(next_used); });
    best.push_back(next_index);
    beats_above = beats, value_above = entry, index_above = index, used_above = used;
  }
  m.when(done, [&] {
     out_valid.next(1);
     out_indices.next(pack(best));
   }).otherwise_when(out.ready(), [&] { out_valid.next(0); });
  return {.indices = out};
}

}  // namespace elb::hw
