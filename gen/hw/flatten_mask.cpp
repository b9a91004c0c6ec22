#include "hw/flatten_mask.hpp"

#include <fmt/format.h>

#include <vector>

#include "hw/cond.hpp"

namespace elb::hw {

using namespace hdl;

std::string FlattenMask::name(const Params& p) {
  const spec::Link& l = p.link;
  return fmt::format("elb_mask_w{}c{}_v{}_l{}_b{}", l.w, l.c, l.columns, l.channels, l.bits);
}

FlattenMask::Out FlattenMask::build(Module& m, const Params& p, const In& in) {
  const spec::Link& l = p.link;
  m.doc({.purpose = "lanes beyond the map become code 0",
         .params = fmt::format("columns={} of {} channels={} of {} lane_bits={}", l.columns, l.w, l.channels,
                               l.c, l.bits),
         .latency = 0,
         .interval = 1});
  const int tail_channels = l.c - (l.channel_beats() - 1) * l.channels;
  const int tail_columns = l.w - (l.column_groups() - 1) * l.columns;
  const bool columns = tail_columns < l.columns, channels = tail_channels < l.channels;
  const LoopCounter beat = counter_with_last(m, "channel_beat", columns || channels ? l.channel_beats() : 1);
  const LoopCounter group = counter_with_last(m, "column_group", columns ? l.column_groups() : 1);
  beat.advance(m, in.in.fire());
  group.advance(m, Cond(in.in.fire()) & beat.last);

  const Stream out = in.in.map(u(l.data_bits()), [&](Sig data) {
    std::vector<Sig> parts;
    const auto add = [&](const Cond& beyond, int low, int count) {
      if (count == 0) return;
      const Sig part = data.slice(low * l.bits, count * l.bits);
      parts.push_back(choose(beyond, m.lit(0, part.shape()), part));
    };
    for (int v = 0; v < l.columns; ++v) {
      const Cond column = v >= tail_columns ? group.last : Cond(false);
      add(column, v * l.channels, tail_channels);
      add(column | beat.last, v * l.channels + tail_channels, l.channels - tail_channels);
    }
    return pack(parts);
  });
  return {out};
}

}  // namespace elb::hw
