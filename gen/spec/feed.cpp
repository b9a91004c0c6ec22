#include "spec/feed.hpp"

#include <algorithm>
#include <numeric>

namespace elb::spec {

Feed make_feed(const Link& in, bool flatten, const WindowParams& window) {
  Feed f;
  if (flatten) {
    f.mask = in.c % in.channels != 0 || in.w % in.columns != 0;
    f.repacks.push_back({.columns = 1,
                         .bits = in.bits,
                         .channels = window.channels,
                         .in_lanes = in.lanes(),
                         .out_lanes = window.s,
                         .last = true});
    return f;
  }
  f.columns = in.columns;
  f.sub_columns = sub_columns(window);
  const auto repack = [&](int channels, int from, int to) {
    f.repacks.push_back({.columns = in.columns,
                         .bits = in.bits,
                         .channels = channels,
                         .in_lanes = from,
                         .out_lanes = to,
                         .last = true});
  };
  int lanes = in.channels;
  if (window.groups > 1 && window.channels % window.s == 0) {
    repack(in.c, lanes, window.s);
    return f;
  }
  if (window.groups > 1 && window.channels % lanes != 0) {
    // Beats straddle the groups: first to a width that divides a group.
    int narrow = std::min(window.s, window.channels);
    while (window.channels % narrow != 0) --narrow;
    repack(in.c, lanes, narrow);
    lanes = narrow;
  }
  repack(window.channels, lanes, window.s);
  return f;
}

int64_t feed_cycles(const Link& in, bool flatten, const WindowParams& window) {
  const Feed f = make_feed(in, flatten, window);
  if (flatten) return cycles_per_pixel(f.repacks[0]);
  int64_t per_pixel = in.channel_beats();
  for (const RepackParams& r : f.repacks)
    per_pixel = std::max<int64_t>(per_pixel, int64_t{in.c / r.channels} * cycles_per_pixel(r));
  per_pixel = std::max<int64_t>(per_pixel, int64_t{words_per_group(window)} * (f.columns / f.sub_columns));
  return int64_t{in.h} * in.column_groups() * per_pixel;
}

}  // namespace elb::spec
