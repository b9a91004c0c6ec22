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

namespace {

// Of one pixel, where every word takes `hold` cycles to leave. A beat that ends no word takes a cycle of its own, unless
// the flush of the pixel before leaves beside it.
int64_t held_cycles(const RepackParams& r, int hold) {
  if (hold == 1) return cycles_per_pixel(r);
  int silent = 0;
  for (int beat = 0; beat < beats_per_pixel(r); ++beat) silent += words_ended_by(r, beat) == 0;
  const bool beside_flush = has_flush(r) && words_ended_by(r, 0) == 0;
  return int64_t{words_per_pixel(r)} * hold + silent - (beside_flush ? 1 : 0);
}

}  // namespace

int64_t feed_cycles(const Link& in, bool flatten, const WindowParams& window) {
  const Feed f = make_feed(in, flatten, window);
  if (flatten) return cycles_per_pixel(f.repacks[0]);
  int64_t per_pixel = in.channel_beats();
  for (size_t i = 0; i < f.repacks.size(); ++i) {
    const RepackParams& r = f.repacks[i];
    const int hold = i + 1 == f.repacks.size() ? f.columns / f.sub_columns : 1;
    per_pixel = std::max(per_pixel, in.c / r.channels * held_cycles(r, hold));
  }
  return int64_t{in.h} * in.column_groups() * per_pixel;
}

}  // namespace elb::spec
