#include "arch/store_fill.hpp"

namespace elb::arch {

FeedMachine::FeedMachine(const spec::Feed& feed) : sub_beats_(feed.columns / feed.sub_columns) {
  std::vector<spec::ConvertStep> steps = feed.repacks;
  // A FIFO in front of the split, as one in front of a repack that changes nothing.
  if (feed.fifo_before_split > 0)
    steps.push_back({.repack = {}, .fifo_before = feed.fifo_before_split, .pixels = 1});
  chain_ = spec::ChainTiming(steps);
}

FeedMachine::FeedMachine(const std::vector<spec::ConvertStep>& chain) : chain_(chain) {}

Writer::Writer(const spec::WindowParams& w)
    : words_(spec::words_per_group(w)), sub_beats_(spec::sub_beats(w)), per_row_(spec::groups_per_row(w)) {
  const int nb = spec::banks(w), vw = spec::sub_columns(w);
  for (int x = 0; x < static_cast<int>(ceil_div(w.w, w.in_columns)) * w.in_columns; x += vw) {
    group_.push_back(x / nb);
    ends_.push_back((x + vw) % nb == 0 ||
                    x + vw >= static_cast<int>(ceil_div(w.w, w.in_columns)) * w.in_columns);
  }
}

}  // namespace elb::arch
