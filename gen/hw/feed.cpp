#include "hw/feed.hpp"

#include <fmt/format.h>

#include "hw/cond.hpp"
#include "hw/repack.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

namespace {

// Zeroes the lanes of a link that lie beyond the map.
Sig mask_link(hdl::Module& m, const hdl::Stream& in, const spec::Link& link) {
  const LoopCounter channel = loop_counter(m, "mask_channel_q", link.channel_beats());
  const LoopCounter column = loop_counter(m, "mask_column_q", link.column_groups());
  channel.advance(m, in.fire());
  column.advance(m, Cond(in.fire()) & channel.last);
  const int tail_channels = link.c - (link.channel_beats() - 1) * link.channels;
  const int tail_columns = link.w - (link.column_groups() - 1) * link.columns;
  std::vector<Sig> lanes;
  for (int v = 0; v < link.columns; ++v) {
    for (int l = 0; l < link.channels; ++l) {
      const Cond beyond =
          (l >= tail_channels ? channel.last : Cond(false)) | (v >= tail_columns ? column.last : Cond(false));
      const Sig lane = in.data().lane(v * link.channels + l, link.bits);
      lanes.push_back(choose(beyond, m.lit(0, u(link.bits)), lane));
    }
  }
  return pack(lanes);
}

// V columns of a word go out Vw at a time.
hdl::Stream split_columns(hdl::Module& m, const hdl::Stream& in, int columns, int sub_columns,
                          int column_bits) {
  if (columns == sub_columns) return in;
  const LoopCounter sub = loop_counter(m, "split_q", columns / sub_columns);
  std::vector<Sig> parts;
  for (int j = 0; j < columns / sub_columns; ++j)
    parts.push_back(in.data().lane(j, sub_columns * column_bits));
  const hdl::Stream out =
      m.stream("split", {.data = u(sub_columns * column_bits)}, in.valid(), {index(parts, sub.value)});
  sub.advance(m, out.fire());
  in.drive_ready((Cond(out.ready()) & sub.last).sig(m));
  return out;
}

// Codes 0, 1 of bipolar values become 0, 2 of ternary ones.
Sig widen_lanes(hdl::Module& m, Sig data) {
  std::vector<Sig> lanes;
  for (int i = 0; i < data.width(); ++i) lanes.push_back(hdl::cat({data[i], m.lit(0, u(1))}));
  return pack(lanes);
}

}  // namespace

hdl::Stream feed_window(hdl::Module& m, const hdl::Stream& in, const spec::Link& link, bool flatten,
                        bool widen_bipolar, const spec::WindowParams& window) {
  const spec::Feed feed = spec::make_feed(link, flatten, window);
  // `last` is payload: the store's counters know where a frame ends.
  hdl::Stream s = in.map_payload({.data = u(link.data_bits())}, [&](const hdl::Payload& p) {
    return std::vector<Sig>{feed.mask ? mask_link(m, in, link) : p.data()};
  });
  for (size_t i = 0; i < feed.repacks.size(); ++i) {
    s = hdl::instantiate<Repack>(m,
                                 fmt::format("u_repack{}", feed.repacks.size() > 1 ? std::to_string(i) : ""),
                                 feed.repacks[i], {s})
            .out;
  }
  s = split_columns(m, s, feed.columns, feed.sub_columns, window.s * link.bits);
  if (widen_bipolar) s = s.map(u(2 * s.data().width()), [&](Sig data) { return widen_lanes(m, data); });
  return s;
}

}  // namespace elb::hw
