#include <fmt/format.h>

#include <algorithm>

#include "arch/machine.hpp"
#include "spec/lanewise.hpp"
#include "spec/output_queue.hpp"

namespace elb::arch {

FeedMachine::FeedMachine(const spec::Feed& feed) : sub_beats_(feed.columns / feed.sub_columns) {
  std::vector<spec::ConvertStep> steps = feed.repacks;
  // A FIFO in front of the split, as one in front of a repack that changes nothing.
  if (feed.fifo_before_split > 0)
    steps.push_back({.repack = {}, .fifo_before = feed.fifo_before_split, .pixels = 1});
  chain_ = spec::ChainTiming(steps);
}

FeedMachine::FeedMachine(const std::vector<spec::ConvertStep>& chain) : chain_(chain) {}

bool FeedMachine::valid(bool in_valid) const {
  return chain_.valid(in_valid);
}

bool FeedMachine::ready(bool word_ready) const {
  return chain_.ready(word_ready && sub_ == sub_beats_ - 1);
}

void FeedMachine::clock(bool in_valid, bool word_ready) {
  const bool sent = chain_.valid(in_valid) && word_ready, last = sub_ == sub_beats_ - 1;
  chain_.clock(in_valid, word_ready && last);
  if (sent) sub_ = last ? 0 : sub_ + 1;
}

namespace {

// The writing side of a window store: a sub-beat at a time (hw/window_writer).
class Writer {
 public:
  explicit Writer(const spec::WindowParams& w)
      : words_(spec::words_per_group(w)), sub_beats_(spec::sub_beats(w)), per_row_(spec::groups_per_row(w)) {
    const int nb = spec::banks(w), vw = spec::sub_columns(w);
    for (int x = 0; x < static_cast<int>(ceil_div(w.w, w.in_columns)) * w.in_columns; x += vw) {
      group_.push_back(x / nb);
      ends_.push_back((x + vw) % nb == 0 ||
                      x + vw >= static_cast<int>(ceil_div(w.w, w.in_columns)) * w.in_columns);
    }
  }
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

// Window store, sequencer, datapath of fixed latency, output queue.
struct TileMachineParams {
  std::string name;
  spec::Feed feed;
  spec::WindowParams window;  // as the sequencer sees it (lanewise: channel folds are groups)
  int tile_cycles = 1;
  std::vector<int> beats;  // per kernel fold
  int latency = 1;         // from a tile's last tap at the array to its push
  int fifo_depth = 2;
};

class TileMachine : public Machine {
 public:
  explicit TileMachine(const TileMachineParams& p)
      : p_(p), feed_(p.feed), writer_(p.window), folds_(spec::folds(p.window)), credits_(p.fifo_depth) {
    out_.depth = p.fifo_depth;
    for (int oy = 0; oy < p.window.out_h; ++oy) {
      for (int g = 0; g < spec::output_groups_per_row(p.window); ++g) {
        need_.push_back(spec::need(p.window, oy, g));
        release_.push_back(spec::release(p.window, oy, g));
      }
    }
    per_place_ = static_cast<int>(p.beats.size()) * p.window.groups;
    most_beats_ = *std::max_element(p.beats.begin(), p.beats.end());
  }

  void decide(int64_t cycle, const std::vector<char>&, std::vector<char>& ready) override {
    while (!releases_.empty() && releases_.front().first <= cycle) {
      released_ = releases_.front().second;
      releases_.pop_front();
    }
    room_ = writer_.dropped() || writer_.group() - released_ < p_.window.capacity;
    ready[0] = feed_.ready(room_);
  }

  void clock(int64_t cycle, const std::vector<char>& valid, const std::vector<char>& fired,
             bool popped) override {
    settle(cycle);
    const bool data = tile_ != 0 || writer_.stored() >= base_ + need_[place_];
    const bool rested = cycle >= earliest_;
    starving_ = rested && !data;
    blocking_ = rested && data && credits_ < most_beats_;
    starved += starving_;
    blocked += blocking_;
    next_ = cycle + 1;
    const bool issues = rested && data && !blocking_, word = feed_.valid(valid[0]) && room_;
    if (issues) issue(cycle);
    if (word) {
      if (!writer_.dropped()) window_used_ = std::max(window_used_, writer_.group() - released_ + 1);
      writer_.advance();
    }
    feed_.clock(valid[0], room_);
    const bool push = !pushes_.empty() && pushes_.front() == cycle;
    if (push) pushes_.pop_front();
    out_.clock(push, popped);
    credits_ += popped;
    wake = cycle + 1;
    if (issues || word || fired[0] || push || popped || feed_.moves_inside()) return;
    wake = rested ? INT64_MAX : earliest_;
    if (!pushes_.empty()) wake = std::min(wake, pushes_.front());
    if (!releases_.empty()) wake = std::min(wake, releases_.front().first);
  }

  void settle(int64_t cycle) override {
    if (starving_) starved += cycle - next_;
    if (blocking_) blocked += cycle - next_;
    next_ = cycle;
  }

  int64_t queue_used() const override { return queue_used_; }
  int64_t window_used() const override { return window_used_; }

  std::string waits() const override {
    if (tile_ == 0 && writer_.stored() < base_ + need_[place_]) {
      return fmt::format("'{}' waits for input: {} of {} column groups", p_.name, writer_.stored() - base_,
                         need_[place_]);
    }
    if (credits_ < most_beats_)
      return fmt::format("'{}' waits for room in its output FIFO ({} beats)", p_.name, p_.fifo_depth);
    return "";
  }

 private:
  void issue(int64_t cycle) {
    ++issued;
    queue_used_ = std::max(queue_used_, p_.fifo_depth - credits_ + most_beats_);
    earliest_ = cycle + p_.tile_cycles;
    const int beats = p_.beats[tile_ % p_.beats.size()];
    const int64_t arrives = cycle + spec::WindowTiming::kIssueToTap + folds_ - 1 + p_.latency;
    for (int j = 0; j < beats; ++j) pushes_.push_back(arrives + j);
    credits_ -= beats;
    if (++tile_ < per_place_) return;
    tile_ = 0;
    releases_.emplace_back(cycle + folds_ + spec::WindowTiming::kReleaseDelay, base_ + release_[place_]);
    if (++place_ < need_.size()) return;
    place_ = 0;
    base_ += spec::groups_per_frame(p_.window);
  }

  TileMachineParams p_;
  FeedMachine feed_;
  Writer writer_;
  int folds_, per_place_ = 1, most_beats_ = 1;
  std::vector<int64_t> need_, release_;
  bool room_ = true;
  bool starving_ = false, blocking_ = false;  // in the cycle before next_
  int64_t next_ = 0;
  int64_t queue_used_ = 0, window_used_ = 0;
  int64_t base_ = 0, released_ = 0, earliest_ = 0, credits_;
  size_t place_ = 0;
  int tile_ = 0;
  std::deque<std::pair<int64_t, int64_t>> releases_;
  std::deque<int64_t> pushes_;
};

}  // namespace

std::unique_ptr<Machine> make_machine(const spec::ComputeStage& s) {
  const spec::OutputQueueParams queue =
      spec::output_queue(s.out, s.compute.p, s.kernels, s.window.groups, s.fifo_depth);
  TileMachineParams p{.name = s.module,
                      .feed = spec::make_feed(s.in, s.flatten, s.window),
                      .window = s.window,
                      .tile_cycles = s.tile_cycles,
                      .beats = {},
                      .latency = spec::latency(s.compute) + spec::latency(s.activation),
                      .fifo_depth = s.fifo_depth};
  for (int k = 0; k < spec::kernel_folds(queue); ++k) p.beats.push_back(spec::beats_of_tile(queue, k));
  return std::make_unique<TileMachine>(p);
}

std::unique_ptr<Machine> make_machine(const spec::LanewiseStage& s) {
  TileMachineParams p{.name = s.module,
                      .feed = spec::make_feed(s.in, false, s.window),
                      .window = spec::lane_window(s.window),
                      .tile_cycles = s.tile_cycles,
                      .beats = {1},
                      .latency = spec::latency(spec::lane_reduce_params(s)),
                      .fifo_depth = s.fifo_depth};
  if (s.activation) p.latency += spec::latency(*s.activation);
  return std::make_unique<TileMachine>(p);
}

}  // namespace elb::arch
