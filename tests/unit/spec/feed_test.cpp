#include "spec/feed.hpp"

#include <fmt/format.h>

#include <random>

#include "support/catch.hpp"

namespace {

using namespace elb::spec;

// Cycles per frame of repacks and column split when source and store never wait.
int64_t free_running_cycles(const Link& in, const WindowParams& window) {
  const Feed feed = make_feed(in, false, window);
  std::vector<ConvertStep> steps = feed.repacks;
  if (feed.fifo_before_split > 0)
    steps.push_back({.repack = {}, .fifo_before = feed.fifo_before_split, .pixels = 1});
  ChainTiming chain(steps);
  const int parts = feed.columns / feed.sub_columns;
  constexpr int kFrames = 4;
  int64_t taken = 0, t = 0, end[kFrames] = {};
  for (int part = 0; taken < kFrames * in.beats_per_frame(); ++t) {
    const bool last = part == parts - 1, sent = chain.valid(true);
    if (chain.ready(last) && ++taken % in.beats_per_frame() == 0) end[taken / in.beats_per_frame() - 1] = t;
    chain.clock(true, last);
    if (sent) part = last ? 0 : part + 1;
  }
  return end[kFrames - 1] - end[kFrames - 2];
}

TEST_CASE("the way into a window store runs at the rate of its busiest part, in whatever form beats come") {
  std::mt19937 rng(21);
  const auto pick = [&](int n) { return 1 + static_cast<int>(rng() % n); };
  for (int i = 0; i < 3000; ++i) {
    WindowParams w;
    w.h = 2;
    w.w = pick(9);
    w.channels = pick(12);
    w.groups = pick(3);
    w.m = pick(4);
    w.sw = pick(2);
    w.s = pick(w.channels);
    w.in_columns = pick(4);
    w.out_h = 2;
    w.out_w = (w.w + w.sw - 1) / w.sw;
    const int c = w.channels * w.groups;
    const Link in{.h = w.h, .w = w.w, .c = c, .columns = w.in_columns, .channels = pick(c), .bits = 2};
    INFO(fmt::format("w {} c {}x{} V {} L {} S {} m {} sw {}", w.w, w.groups, w.channels, in.columns,
                     in.channels, w.s, w.m, w.sw));
    REQUIRE(free_running_cycles(in, w) == feed_cycles(in, false, w));
  }
}

}  // namespace
