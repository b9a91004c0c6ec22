#include "hw/feed.hpp"

#include "hw/convert.hpp"
#include "hw/flatten_mask.hpp"
#include "hw/split_columns.hpp"

namespace elb::hw {

using hdl::Sig;
using hdl::u;

namespace {

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
  hdl::Stream s = in;
  if (feed.mask) {
    spec::Link rows = link;  // maps of any height share a module
    rows.h = 1;
    s = hdl::instantiate<FlattenMask>(m, "u_mask", {rows}, {s}).out;
  }
  s = convert(m, "repack", s, feed.repacks);
  s = beats_between(m, "u_split_fifo", s, feed.fifo_before_split);
  if (feed.columns != feed.sub_columns) {
    // Every part is sent, so the size of the map is of no account and stages of different maps share a
    // module.
    const spec::Link words{.h = 1,
                           .w = feed.columns,
                           .c = window.s,
                           .columns = feed.columns,
                           .channels = window.s,
                           .bits = link.bits};
    s = hdl::instantiate<SplitColumns>(m, "u_split", {.link = words, .sub_columns = feed.sub_columns}, {s})
            .out;
  }
  // The store's counters know where a frame ends, so `last` stops here.
  const int bits = s.data().width();
  return s.map_payload({.data = u(widen_bipolar ? 2 * bits : bits)}, [&](const hdl::Payload& p) {
    return std::vector<Sig>{widen_bipolar ? widen_lanes(m, p.data()) : p.data()};
  });
}

}  // namespace elb::hw
