#include "spec/feed.hpp"

#include <algorithm>
#include <numeric>

namespace elb::spec {

Feed make_feed(const Link& in, bool flatten, const WindowParams& window) {
  Feed f;
  if (flatten) {
    f.mask = in.c % in.channels != 0 || in.w % in.columns != 0;
    const RepackParams vector{.columns = 1,
                              .bits = in.bits,
                              .channels = window.channels,
                              .in_lanes = in.lanes(),
                              .out_lanes = window.s,
                              .last = true};
    f.repacks.push_back({.repack = vector, .fifo_before = 0, .pixels = 1});
    return f;
  }
  f.columns = in.columns;
  f.sub_columns = sub_columns(window);
  const int64_t column_groups = int64_t{in.h} * in.column_groups();
  const auto repack = [&](int channels, int from, int to) {
    const RepackParams p{.columns = in.columns,
                         .bits = in.bits,
                         .channels = channels,
                         .in_lanes = from,
                         .out_lanes = to,
                         .last = true};
    const bool between = repack_kind(p) == RepackKind::narrow && gathers(f.repacks);
    f.repacks.push_back(
        {.repack = p, .fifo_before = between ? kBetween : 0, .pixels = column_groups * (in.c / channels)});
  };
  int lanes = in.channels;
  if (window.groups > 1 && window.channels % window.s == 0) {
    repack(in.c, lanes, window.s);
  } else {
    if (window.groups > 1 && window.channels % lanes != 0) {
      // Beats straddle the groups: first to a width that divides a group.
      int narrow = std::min(window.s, window.channels);
      while (window.channels % narrow != 0) --narrow;
      repack(in.c, lanes, narrow);
      lanes = narrow;
    }
    repack(window.channels, lanes, window.s);
  }
  if (f.sub_columns < f.columns && gathers(f.repacks)) f.fifo_before_split = kBetween;
  return f;
}

int64_t feed_cycles(const Link& in, bool flatten, const WindowParams& window) {
  const Feed f = make_feed(in, flatten, window);
  int64_t cycles = in.beats_per_frame();
  for (const ConvertStep& r : f.repacks) cycles = std::max(cycles, r.pixels * cycles_per_pixel(r.repack));
  if (flatten) return cycles;
  const int64_t words = int64_t{in.h} * in.column_groups() * words_per_group(window);
  return std::max(cycles, words * (f.columns / f.sub_columns));
}

}  // namespace elb::spec
