#include "hw/split_columns.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/assert.hpp"
#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

std::string SplitColumns::name(const Params& p) {
  const std::string drop = p.drop ? fmt::format("_drop_h{}w{}c{}", p.link.h, p.link.w, p.link.c) : "";
  return fmt::format("elb_split_v{}_l{}_w{}_to{}{}", p.link.columns, p.link.channels, p.link.bits,
                     p.sub_columns, drop);
}

SplitColumns::Out SplitColumns::build(Module& m, const Params& p, const In& in) {
  ELB_ASSERT(p.link.columns % p.sub_columns == 0, "the columns of a part divide those of a beat");
  m.doc({.purpose = fmt::format("beats of {} columns leave as beats of {}", p.link.columns, p.sub_columns),
         .params = fmt::format("channels={} lane_bits={}", p.link.channels, p.link.bits),
         .latency = 0,
         .interval = p.parts()});
  const int part_bits = p.sub_columns * p.link.channels * p.link.bits;
  const LoopCounter part = loop_counter(m, "part", p.parts());
  std::vector<Sig> parts;
  for (int i = 0; i < p.parts(); ++i) parts.push_back(in.in.data().lane(i, part_bits));

  Cond at_last = part.last;
  if (p.parts_in_last() < p.parts()) {
    const LoopCounter beat = counter_with_last(m, "channel_beat", p.link.channel_beats());
    const LoopCounter group = counter_with_last(m, "column_group", p.link.column_groups());
    beat.advance(m, in.in.fire());
    group.advance(m, Cond(in.in.fire()) & beat.last);
    at_last = at_last | (group.last & Cond(part.value == p.parts_in_last() - 1));
  }
  const Stream out = m.stream("sub_beat", link_shape(part_bits), in.in.valid(),
                              {index(parts, part.value), (Cond(in.in.last()) & at_last).sig(m)});
  in.in.drive_ready((Cond(out.ready()) & at_last).sig(m));
  if (p.parts() > 1) {
    m.when(out.fire(), [&] {
      part.reg.next(
          choose(at_last, m.lit(0, part.value.shape()), (part.value + 1).trunc(part.value.width())));
    });
  }
  return {out};
}

}  // namespace elb::hw
