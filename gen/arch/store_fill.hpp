// The writing side of a window store, which the machines of all stages with a store share: converters in
// front, the writer a sub-beat at a time (hw/window_writer), the ring's room.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "arch/machine.hpp"
#include "spec/feed.hpp"
#include "spec/window.hpp"

namespace elb::arch {

// Which column group the next sub-beat belongs to.
class Writer {
 public:
  explicit Writer(const spec::WindowParams& w);
  bool dropped() const { return group_[at()] >= per_row_; }
  int64_t group() const { return row_ * per_row_ + group_[at()]; }
  int64_t stored() const { return stored_; }
  void advance() {
    if (word_ == words_ - 1 && !dropped() && ends_[at()]) ++stored_;
    if (++sub_ < sub_beats_) return;
    sub_ = 0;
    if (++word_ < words_) return;
    word_ = 0;
    beat_ += sub_beats_;
    if (beat_ < static_cast<int>(group_.size())) return;
    beat_ = 0;
    ++row_;
  }

 private:
  size_t at() const { return static_cast<size_t>(beat_ + sub_); }
  int words_, sub_beats_;
  int64_t per_row_;
  std::vector<int> group_;  // of a row's sub-beats: the column group
  std::vector<char> ends_;  // the last sub-beat of its group
  int sub_ = 0, word_ = 0, beat_ = 0;
  int64_t row_ = 0, stored_ = 0;
};

class StoreFill {
 public:
  StoreFill(const spec::Feed& feed, const spec::WindowParams& w)
      : feed_(feed), writer_(w), capacity_(w.capacity) {}
  int64_t stored() const { return writer_.stored(); }  // as the register shows it, before clock()
  FeedMachine::Moves clock(int64_t cycle, bool in_valid) {
    while (!releases_.empty() && releases_.front().first <= cycle) {
      released_ = releases_.front().second;
      releases_.pop_front();
    }
    const bool dropped = writer_.dropped();
    const int64_t ahead = writer_.group() - released_;
    const FeedMachine::Moves moves = feed_.clock(in_valid, dropped || ahead < capacity_);
    if ((moves & FeedMachine::kSent) != 0) {
      if (!dropped) used_ = std::max(used_, ahead + 1);
      writer_.advance();
    }
    return moves;
  }
  // All groups below `groups` may be overwritten from `cycle` on.
  void release(int64_t cycle, int64_t groups) { releases_.emplace_back(cycle, groups); }
  int64_t next_release() const { return releases_.empty() ? INT64_MAX : releases_.front().first; }
  int64_t used() const { return used_; }  // the smallest capacity that would have changed nothing
  void restart_used() { used_ = 0; }
  void narrow(int64_t capacity) { capacity_ = capacity; }

 private:
  FeedMachine feed_;
  Writer writer_;
  int64_t capacity_, released_ = 0, used_ = 0;
  std::deque<std::pair<int64_t, int64_t>> releases_;  // (cycle, groups)
};

// What every place of a frame waits for and frees, in the order (oy, G): spec::need and spec::release.
struct PlaceTable {
  explicit PlaceTable(const spec::WindowParams& w) {
    for (int oy = 0; oy < w.out_h; ++oy) {
      for (int g = 0; g < spec::output_groups_per_row(w); ++g) {
        need.push_back(spec::need(w, oy, g));
        release.push_back(spec::release(w, oy, g));
      }
    }
  }
  std::vector<int64_t> need, release;  // column groups of the frame
};

}  // namespace elb::arch
